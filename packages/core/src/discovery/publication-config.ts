/**
 * Reads how tasks are to be found: from the config file, or from tags put into the same form. Nothing here throws: what is
 * wrong becomes a sentence that says what to write, and what it is about is left out whole, because half of it could
 * remove what should stay.
 */
import { parseDuration } from '../duration.ts'
import { Failure } from '../failure.ts'
import { nearest } from '../nearest.ts'
import type { Problem } from '../problem.ts'
import { markName } from './form.ts'
import { nameProblem, normalName, serviceProblem, targetName } from './names.ts'
import type { Publication, RecordType, Target, WritePolicy } from './view.ts'

/** How the tasks of a service or a family are found, as the config file has it. */
export interface PublicationConfig {
  /** DNS names; their hosted zones are found by the longest suffix. */
  readonly dns?: string | readonly string[]
  /** A service of Cloud Map, as `namespace/service`. */
  readonly service?: string
  /** `private` if left out. */
  readonly address?: 'private' | 'public' | 'ipv6'
  /** A if left out, or AAAA where the address is `ipv6`. */
  readonly types?: readonly RecordType[]
  /** In seconds, or as `30s`; 10 if left out. */
  readonly ttl?: number | string
  /** For SRV records and instances: a port of the task, or `container:port`. */
  readonly port?: number | string
  /** Whether each task has a name of its own as well, `<task id>.<name>`. */
  readonly perTask?: boolean
  /** Which writes are allowed; `sync`, all of them, if left out. */
  readonly policy?: WritePolicy
  /** Whether a TXT record says whose the name is. */
  readonly txt?: boolean
  /** The hosted zone's id, where the name's longest suffix is not to decide. */
  readonly zone?: string
}

/** What one place asks for, as far as it can be read. */
export interface PublicationWish {
  readonly publications: readonly Publication[]
  /** Their paths begin in what was read. */
  readonly problems: readonly Problem[]
}

interface Wish {
  readonly dns?: readonly string[]
  readonly service?: Extract<Target, { kind: 'cloud-map' }>
  readonly address?: 'private' | 'public' | 'ipv6'
  readonly types?: readonly RecordType[]
  readonly ttl?: number
  readonly port?: NonNullable<Publication['port']>
  readonly perTask?: boolean
  readonly policy?: WritePolicy
  readonly txt?: boolean
  readonly zone?: string
}

/** Reads one setting: the part of the wish that it gives, or the end of a sentence about why it cannot be read. */
type Reader = (input: unknown) => Wish | string

const ADDRESSES = ['private', 'public', 'ipv6'] as const
const TYPES = ['A', 'AAAA', 'SRV'] as const
const POLICIES = ['sync', 'upsert-only', 'create-only'] as const
const DEFAULT_TTL = 10
/** A day: nobody finds a task again that long after. Route 53 itself takes more. */
const LONGEST_TTL = 86_400
/** Of a task's own label: 32 hexadecimal digits and the dot. */
const OWN_LENGTH = 33

const READERS: Readonly<Record<keyof PublicationConfig, Reader>> = {
  dns: readNames,
  service: readService,
  address: (input) => oneOf(ADDRESSES, input, (address) => ({ address })),
  types: readTypes,
  ttl: readTtl,
  port: readPort,
  perTask: (input) => flag(input, (perTask) => ({ perTask })),
  policy: (input) => oneOf(POLICIES, input, (policy) => ({ policy })),
  txt: (input) => flag(input, (txt) => ({ txt })),
  zone: readZone,
}

const KEYS = Object.keys(READERS)

/** Reads one wish; `where` names a key in the sentences about it, and the whole without one. */
export function readPublication(input: unknown, where: (key?: string) => string): PublicationWish {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return {
      publications: [],
      problems: [
        { path: [], sentence: `${where()} cannot be ${shown(input)}; write { dns: 'web.example.com' }.` },
      ],
    }
  const inFull = (ending: string): Problem => ({ path: [], sentence: `${where()} ${ending}.` })
  let wish: Wish = {}
  const problems: Problem[] = []
  const unknown: Problem[] = []
  for (const [key, value] of Object.entries(input)) {
    const reader = Object.entries(READERS).find(([name]) => name === key)?.[1]
    const read = reader === undefined || value === undefined ? {} : reader(value)
    if (reader === undefined) unknown.push({ path: [key], sentence: `${where(key)} ${unknownKey(key)}.` })
    else if (typeof read === 'string') problems.push({ path: [key], sentence: `${where(key)} ${read}.` })
    else wish = { ...wish, ...read }
  }
  const all = problems.length > 0 ? problems : wishProblems(wish).map(inFull)
  // An unknown key takes nothing away from what the others say.
  return { publications: all.length > 0 ? [] : publicationsOf(wish), problems: [...all, ...unknown] }
}

/** What does not go together. */
function wishProblems(wish: Wish): string[] {
  const { address, dns = [], port, service, types = [], zone } = wish
  const problems: string[] = []
  if (dns.length === 0 && service === undefined)
    problems.push("says no name; write dns: 'web.example.com' or service: 'namespace/service'")
  if (types.includes('SRV') && port === undefined)
    problems.push('asks for SRV records without a port; write one, such as 8080')
  if (address === 'ipv6' && types.includes('A'))
    problems.push('asks for A records of IPv6 addresses; write the type AAAA, or another address')
  if (zone !== undefined && dns.length === 0)
    problems.push('names a hosted zone and no DNS name; write dns as well')
  return [...problems, ...dns.flatMap((name) => lengthProblem(name, wish) ?? [])]
}

function lengthProblem(name: string, { perTask, txt, types }: Wish): string | undefined {
  const own = perTask || types?.includes('SRV') ? OWN_LENGTH : 0
  const mark = txt ? markName('').length : 0
  const problem = nameProblem(name, Math.max(own, mark))
  return problem === undefined ? undefined : `asks for ${name}, which ${problem}`
}

function publicationsOf({ dns = [], service, address = 'private', types, ...wish }: Wish): Publication[] {
  const targets: Target[] = [
    ...dns.map((name): Target => ({ kind: 'dns', name })),
    ...(service === undefined ? [] : [service]),
  ]
  return targets.map((target) => ({
    target,
    types: types ?? (address === 'ipv6' ? ['AAAA'] : ['A']),
    address: address === 'ipv6' ? 'private' : address,
    ttl: wish.ttl ?? DEFAULT_TTL,
    ...(wish.port !== undefined && { port: wish.port }),
    perTask: wish.perTask ?? false,
    policy: wish.policy ?? 'sync',
    txt: wish.txt ?? false,
    ...(wish.zone !== undefined && { zone: wish.zone }),
  }))
}

/** A target that is asked for twice by one source. */
export function repeatedTargets(publications: readonly Publication[]): string[] {
  const names = publications.map(({ target }) => targetName(target))
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))]
}

function readNames(input: unknown): Wish | string {
  const texts = typeof input === 'string' ? [input] : input
  if (!Array.isArray(texts) || texts.length === 0 || !texts.every((each) => typeof each === 'string'))
    return `cannot be ${shown(input)}; write a name such as 'web.example.com', or a list of them`
  const names = texts.map(normalName)
  for (const name of names) {
    const problem = nameProblem(name)
    if (problem !== undefined) return `cannot be "${name}": it ${problem}`
  }
  return { dns: names }
}

function readService(input: unknown): Wish | string {
  const text = typeof input === 'string' ? input.trim() : ''
  const [, namespace, service] = /^(.+)\/([^/]+)$/.exec(text) ?? []
  if (namespace === undefined || service === undefined)
    return `cannot be ${shown(input)}; write the namespace and the service, such as shop/web`
  const problem = serviceProblem(namespace, service)
  if (problem !== undefined) return `cannot be "${text}": it ${problem}`
  return { service: { kind: 'cloud-map', namespace, service } }
}

function readTypes(input: unknown): Wish | string {
  const asked: readonly unknown[] = Array.isArray(input) ? input : []
  const types = TYPES.filter((type) => asked.includes(type))
  return asked.length > 0 && types.length === new Set(asked).size
    ? { types }
    : `cannot be ${Array.isArray(input) ? `"${asked.join(' ')}"` : shown(input)}; write some of ${TYPES.join(', ')}`
}

function readTtl(input: unknown): Wish | string {
  const seconds = typeof input === 'string' ? secondsOf(input) : input
  if (typeof seconds === 'number' && Number.isInteger(seconds) && seconds >= 0 && seconds <= LONGEST_TTL)
    return { ttl: seconds }
  return `cannot be ${shown(input)}; write whole seconds from 0 to ${LONGEST_TTL}`
}

/** Seconds of a duration such as `30s`; `undefined` of what is none. */
function secondsOf(text: string): number | undefined {
  try {
    return parseDuration(text) / 1000
  } catch (error) {
    if (error instanceof Failure) return undefined
    throw error
  }
}

function readPort(input: unknown): Wish | string {
  const text = typeof input === 'number' ? String(input) : input
  const [, container, digits = ''] =
    typeof text === 'string' ? (/^(?:([A-Za-z0-9_-]{1,255}):)?(\d{1,5})$/.exec(text.trim()) ?? []) : []
  const port = Number(digits)
  if (digits === '' || port < 1 || port > 65_535)
    return `cannot be ${shown(input)}; write a port such as 8080, or 'app:8080' for that of a container`
  return { port: { ...(container !== undefined && { container }), port } }
}

function readZone(input: unknown): Wish | string {
  const id = typeof input === 'string' ? input.trim().replace(/^\/?hostedzone\//, '') : ''
  // API reference: at most 32 characters.
  return /^[A-Z0-9]{1,32}$/.test(id)
    ? { zone: id }
    : `cannot be ${shown(input)}; write the id of a hosted zone, such as Z0123456789ABC`
}

function oneOf<Choice extends string>(
  choices: readonly Choice[],
  input: unknown,
  make: (choice: Choice) => Wish,
): Wish | string {
  const choice = choices.find((each) => each === input)
  if (choice !== undefined) return make(choice)
  const words = choices.map((each) => `'${each}'`).join(', ')
  return `cannot be ${shown(input)}; write ${words.replace(/, ([^,]*)$/, ' or $1')}`
}

function flag(input: unknown, make: (value: boolean) => Wish): Wish | string {
  return typeof input === 'boolean' ? make(input) : `cannot be ${shown(input)}; write true or false`
}

function unknownKey(key: string): string {
  return `is unknown; write ${nearest(key, KEYS) ?? `one of ${KEYS.join(', ')}`}`
}

function shown(input: unknown): string {
  if (typeof input === 'string') return `"${input}"`
  if (Array.isArray(input)) return 'a list'
  return typeof input === 'object' && input !== null ? 'an object' : String(input)
}
