/**
 * Signed tokens: who may use the registry, in which account and region, until when. ECR's own tokens are opaque too;
 * ours name the scope, because one address serves all accounts and regions.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Scope } from '../service.ts'

export interface Claims extends Scope {
  /** Engine time in milliseconds. */
  readonly expiresAt: number
  /** For download addresses: the only blob that this token opens, as `repository@digest`. */
  readonly blob?: string
}

const sign = (payload: string, key: string) => createHmac('sha256', key).update(payload).digest()

/** A token that says `claims`. */
export function writeToken(claims: Claims, key: string): string {
  const payload = Buffer.from(JSON.stringify(claims)).toString('base64url')
  return `${payload}.${sign(payload, key).toString('base64url')}`
}

/**
 * What a token says, if it is genuine; it may have expired. `keyOf` gives the key of the scope that it names.
 * Anything else gives `undefined`.
 */
export function readToken(token: string, keyOf: (scope: Scope) => string | undefined): Claims | undefined {
  const [payload = '', signature = ''] = token.split('.')
  const claims = parseClaims(payload)
  const key = claims && keyOf(claims)
  if (!key) return undefined
  const given = Buffer.from(signature, 'base64url')
  const expected = sign(payload, key)
  return given.length === expected.length && timingSafeEqual(given, expected) ? claims : undefined
}

function parseClaims(payload: string): Claims | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
    return isClaims(claims) ? claims : undefined
  } catch {
    return undefined // not JSON: not one of ours
  }
}

function isClaims(value: unknown): value is Claims {
  if (typeof value !== 'object' || value === null) return false
  const { accountId, region, expiresAt } = value as Partial<Claims>
  return typeof accountId === 'string' && typeof region === 'string' && typeof expiresAt === 'number'
}
