/** Policy documents as requests bring them: checked, and of no more than the size that IAM takes. */

import { MalformedPolicy, type PolicyKind, parsePolicy } from '../policy/document.ts'
import { limitExceeded, malformedPolicy } from './errors.ts'

/** Throws MalformedPolicyDocument for a document that is none. */
export function requirePolicy(text: string, kind: PolicyKind): void {
  try {
    parsePolicy(text, kind)
  } catch (error) {
    throw error instanceof MalformedPolicy ? malformedPolicy(error.message) : error
  }
}

/** Characters without whitespace, which is not counted (IAM User Guide, IAM and AWS STS quotas). */
export const sizeOf = (document: string): number => document.replace(/\s/g, '').length

/** The same page: a managed policy, a role's trust policy, all inline policies of a role. */
export const LARGEST_POLICY = 6144
export const LARGEST_TRUST_POLICY = 2048
export const LARGEST_INLINE = 10_240

/** Throws LimitExceeded, which names the quota. */
export function requireSize(size: number, largest: number, quota: string): void {
  if (size > largest) throw limitExceeded(`Cannot exceed quota for ${quota}: ${largest}`)
}
