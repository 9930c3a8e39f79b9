/**
 * Values of records, read as the fields that DNS has (Developer Guide: supported DNS record types). Reading is the check:
 * what cannot be read is refused in AWS's words.
 */
import { isIPv4, isIPv6 } from 'node:net'
import { canonicalName } from './names.ts'
import { badRecord, RecordProblem } from './record-problem.ts'

/** A record's data by its type. Names are in the kept form. */
export type RecordData =
  | { readonly type: 'A' | 'AAAA'; readonly address: string }
  | { readonly type: 'CNAME' | 'NS' | 'PTR'; readonly target: string }
  | { readonly type: 'TXT' | 'SPF'; readonly strings: readonly Buffer[] }
  | { readonly type: 'MX'; readonly preference: number; readonly target: string }
  | {
      readonly type: 'SRV'
      readonly priority: number
      readonly weight: number
      readonly port: number
      readonly target: string
    }
  | { readonly type: 'CAA'; readonly flags: number; readonly tag: string; readonly value: string }
  | ({ readonly type: 'SOA'; readonly mname: string; readonly rname: string } & SoaTimes)

interface SoaTimes {
  readonly serial: number
  readonly refresh: number
  readonly retry: number
  readonly expire: number
  readonly minimum: number
}

const readers: Record<RecordData['type'], (value: string) => RecordData> = {
  A: readA,
  AAAA: readAaaa,
  CNAME: (value) => ({ type: 'CNAME', target: domain(value) }),
  NS: (value) => ({ type: 'NS', target: domain(value) }),
  PTR: (value) => ({ type: 'PTR', target: domain(value) }),
  TXT: (value) => ({ type: 'TXT', strings: characterStrings(value) }),
  SPF: (value) => ({ type: 'SPF', strings: characterStrings(value) }),
  MX: readMx,
  SRV: readSrv,
  CAA: readCaa,
  SOA: readSoa,
}

/** The types whose values can be read. */
export const READABLE_TYPES: readonly string[] = Object.keys(readers)

/** Reads a value. Throws RecordProblem; the type must be one of READABLE_TYPES. */
export function readValue(type: string, value: string): RecordData {
  const reader = readers[type as RecordData['type']]
  if (!reader) throw new RecordProblem(`Values of type ${type} cannot be read`)
  return reader(value)
}

function readA(value: string): RecordData {
  if (!isIPv4(value)) throw badRecord('ARRDATAIllegalIPv4Address', 'Value is not a valid IPv4 address', value)
  return { type: 'A', address: value }
}

function readAaaa(value: string): RecordData {
  if (!isIPv6(value) || value.includes('%'))
    throw badRecord('AAAARRDATAIllegalIPv6Address', 'Value is not a valid IPv6 address', value)
  return { type: 'AAAA', address: value }
}

function domain(value: string): string {
  if (/\s/.test(value))
    throw badRecord('UnsupportedCharacter', 'Value contains unsupported characters', value)
  return canonicalName(value)
}

/** RFC 7208 and RFC 1035: strings of at most 255 characters in quotation marks; `\ooo`, `\"` and `\\` inside. */
function characterStrings(value: string): Buffer[] {
  const strings: Buffer[] = []
  let rest = value.trim()
  while (rest) {
    const [whole, inner] = /^"((?:[^"\\]|\\[0-7]{3}|\\[^0-7])*)"(?:\s+|$)/.exec(rest) ?? []
    if (whole === undefined || inner === undefined)
      throw badRecord('InvalidCharacterString', 'Value should be enclosed in quotation marks', value)
    const text = inner.replace(/\\([0-7]{3})|\\(.)/g, (_, octal: string | undefined, plain: string) =>
      octal === undefined ? plain : String.fromCharCode(Number.parseInt(octal, 8)),
    )
    if ([...text].some((character) => character > '\u00ff'))
      throw badRecord('UnsupportedCharacter', 'Value contains unsupported characters', value)
    if (text.length > 255) throw badRecord('CharacterStringTooLong', 'Value is too long', value)
    strings.push(Buffer.from(text, 'latin1'))
    rest = rest.slice(whole.length)
  }
  if (!strings.length)
    throw badRecord('InvalidCharacterString', 'Value should be enclosed in quotation marks', value)
  return strings
}

function readMx(value: string): RecordData {
  const [preference = '', target = '', ...more] = value.trim().split(/\s+/)
  if (!target || more.length)
    throw badRecord('MXRRDATANotTwoFields', "MX record doesn't have 2 fields", value)
  return { type: 'MX', preference: uint('MX', preference, value), target: domain(target) }
}

function readSrv(value: string): RecordData {
  const [priority = '', weight = '', port = '', target = '', ...more] = value.trim().split(/\s+/)
  if (!target || more.length)
    throw badRecord('SRVRRDATANotFourFields', "SRV record doesn't have 4 fields", value)
  const number = (text: string) => uint('SRV', text, value)
  return {
    type: 'SRV',
    priority: number(priority),
    weight: number(weight),
    port: number(port),
    target: domain(target),
  }
}

/** RFC 8659 section 4.1: flags, a tag of letters and digits, a value in quotation marks. */
function readCaa(value: string): RecordData {
  const [, flags = '', tag = '', text = ''] = /^(\d+)\s+([A-Za-z0-9]+)\s+"([^"]*)"$/.exec(value.trim()) ?? []
  if (!tag)
    throw badRecord('CAARRDATAInvalid', 'CAA record should have flags, a tag and a quoted value', value)
  return { type: 'CAA', flags: uint('CAA', flags, value, 255), tag, value: text }
}

function readSoa(value: string): RecordData {
  const [mname = '', rname = '', ...times] = value.trim().split(/\s+/)
  if (times.length !== 5)
    throw badRecord('SOARRDATANotSevenFields', "SOA record doesn't have 7 fields", value)
  const [serial = 0, refresh = 0, retry = 0, expire = 0, minimum = 0] = times.map((text) =>
    uint('SOA', text, value, 2 ** 32 - 1),
  )
  return {
    type: 'SOA',
    mname: domain(mname),
    rname: domain(rname),
    serial,
    refresh,
    retry,
    expire,
    minimum,
  }
}

function uint(type: string, text: string, value: string, most = 65_535): number {
  if (/^\d{1,10}$/.test(text) && Number(text) <= most) return Number(text)
  throw badRecord(`${type}RRDATAIllegalNumber`, `Value should be a number from 0 to ${most}`, value)
}
