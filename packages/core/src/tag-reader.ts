/** Reads tags as a policy sees them: what they are ordered by, and why one is not a candidate. */
import Range from 'semver/classes/range.js'
import { type OrderKey, parseKey } from './order.ts'
import { compileGlob } from './pattern.ts'
import type { Policy } from './policy.ts'

export type TagRejection =
  | 'paused' // the policy is `off`
  | 'not-a-version' // not major.minor.patch
  | 'pre-release' // within the range, but pre-releases are not wanted
  | 'outside-range' // a version that the range leaves out
  | 'not-matching' // another tag, another prefix, or the pattern does not match
  | 'not-ordered' // the pattern matches, but its text cannot be read in the order told

/** A tag without `rejected` is a candidate and has a key. A rejected one may have a key: it can still be compared. */
export interface TagReading {
  readonly key?: OrderKey
  readonly rejected?: TagRejection
}

export type TagReader = (tag: string, pushedAt: number) => TagReading

/** A reader for one policy, whose patterns are compiled once. */
export function tagReader(policy: Policy): TagReader {
  switch (policy.kind) {
    case 'semver':
      return versionReader(policy)
    case 'glob':
      return globReader(policy)
    case 'regex':
      return regexReader(policy)
    case 'newest':
      return (tag, at) => readPushed(at, tag.startsWith(policy.prefix))
    case 'tag':
      return (tag, at) => readPushed(at, tag === policy.tag)
    case 'off':
      return () => ({ rejected: 'paused' })
  }
}

function versionReader({ range, prerelease }: Extract<Policy, { kind: 'semver' }>): TagReader {
  const wanted = new Range(range, { includePrerelease: prerelease })
  const wider = new Range(range, { includePrerelease: true })
  return (tag) => {
    const key = parseKey('semver', tag)
    if (key?.order !== 'semver') return { rejected: 'not-a-version' }
    if (wanted.test(key.version)) return { key }
    return { key, rejected: wider.test(key.version) ? 'pre-release' : 'outside-range' }
  }
}

function readPushed(at: number, matches: boolean): TagReading {
  const key: OrderKey = { order: 'pushed', at }
  return matches ? { key } : { key, rejected: 'not-matching' }
}

function globReader({ pattern, order }: Extract<Policy, { kind: 'glob' }>): TagReader {
  const matches = compileGlob(pattern)
  const start = /^[A-Za-z0-9._-]*/.exec(pattern)?.[0].length ?? 0
  const end = start === pattern.length ? 0 : (/[A-Za-z0-9._-]*$/.exec(pattern)?.[0].length ?? 0)
  return (tag) => {
    if (!matches(tag)) return { rejected: 'not-matching' }
    return ordered(parseKey(order, tag) ?? parseKey(order, tag.slice(start, tag.length - end)))
  }
}

function regexReader({ pattern, extract, order }: Extract<Policy, { kind: 'regex' }>): TagReader {
  const expression = new RegExp(pattern)
  return (tag) => {
    const match = expression.exec(tag)
    if (match === null) return { rejected: 'not-matching' }
    const text = extract === undefined ? tag : (match.groups?.[extract] ?? match[Number(extract)])
    return ordered(text === undefined ? undefined : parseKey(order, text))
  }
}

function ordered(key: OrderKey | undefined): TagReading {
  return key === undefined ? { rejected: 'not-ordered' } : { key }
}
