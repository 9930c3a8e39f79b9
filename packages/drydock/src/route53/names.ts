/**
 * Domain names in the one form that they are kept and listed in: lower case, a dot at the end, and every character but
 * letters, digits, `-` and `_` as `\ooo` (Developer Guide: DNS domain name format).
 */
import { badRecord } from './record-problem.ts'

const PLAIN = /^[a-z0-9_-]+$/
/** RFC 1035 section 2.3.4, in octets; the whole name counts the length octets too. */
const LONGEST_LABEL = 63
const LONGEST_NAME = 255

/** The kept form of a name as a caller wrote it. Throws InvalidChangeBatch with AWS's words for what is wrong with it. */
export function canonicalName(text: string): string {
  const bare = text.endsWith('.') && !text.endsWith('\\.') ? text.slice(0, -1) : text
  if (bare === '') return '.'
  let length = 1
  const labels = bare.split('.').map((label) => {
    const { canonical, octets } = canonicalLabel(label, text)
    length += octets + 1
    return canonical
  })
  if (length > LONGEST_NAME) throw badRecord('DomainNameTooLong', 'Domain name is too long', text)
  return `${labels.join('.')}.`
}

function canonicalLabel(label: string, whole: string): { canonical: string; octets: number } {
  if (label === '') throw badRecord('DomainLabelEmpty', 'Domain label is empty', whole)
  const lower = label.toLowerCase()
  if (PLAIN.test(lower)) {
    if (lower.length > LONGEST_LABEL) throw tooLong(whole)
    return { canonical: lower, octets: lower.length }
  }
  const octets = [...lower.matchAll(/\\([0-7]{3})|([\s\S])/g)].map(([, octal, character = '']) =>
    octal === undefined ? character : String.fromCharCode(Number.parseInt(octal, 8)),
  )
  const bad = octets.find((each) => each > '\u00ff' || each <= '\u0020' || each === '\u007f')
  if (bad !== undefined) throw badRecord('UnsupportedCharacter', 'Value contains unsupported characters', bad)
  if (octets.length > LONGEST_LABEL) throw tooLong(whole)
  return { canonical: octets.map(escapeOctet).join(''), octets: octets.length }
}

const tooLong = (name: string) => badRecord('DomainLabelTooLong', 'Domain label is too long', name)

function escapeOctet(octet: string): string {
  const lower = octet.toLowerCase()
  return PLAIN.test(lower) ? lower : `\\${octet.charCodeAt(0).toString(8).padStart(3, '0')}`
}

/** The name one label up; undefined for the root. */
export function parentOf(name: string): string | undefined {
  if (name === '.') return undefined
  const dot = name.indexOf('.')
  return dot === name.length - 1 ? '.' : name.slice(dot + 1)
}

/** Whether a name is the other or below it. */
export const isWithin = (name: string, ancestor: string): boolean =>
  name === ancestor || ancestor === '.' || name.endsWith(`.${ancestor}`)

/** By which names are listed: labels in reverse, so that a zone's names stand together (API Reference: ListResourceRecordSets). */
export const sortKeyOf = (name: string): string => name.split('.').reverse().join('\u0001')

/** An id without the `/hostedzone/`, `/change/` or `/healthcheck/` that answers have before it. */
export const bareId = (id: string): string => id.slice(id.lastIndexOf('/') + 1)
