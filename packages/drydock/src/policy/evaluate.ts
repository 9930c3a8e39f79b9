/**
 * Whether policies allow a request. A deny that says so wins over every allow, and what nothing allows is denied (IAM User Guide,
 * policy evaluation logic: how enforcement code logic evaluates requests).
 */
import { holds } from './condition.ts'
import type { PolicyDocument, Principals, Selection, Statement } from './document.ts'
import { expanded, matchesAction, matchesArn, type RequestContext, tokensOf } from './pattern.ts'

/** One action on one resource; `*` where the action is on none in particular. */
export interface AccessRequest {
  /** `ecs:UpdateService`. */
  readonly action: string
  readonly resource: string
  readonly context: RequestContext
}

/** Who asks, as the principals of a resource's policy name it. */
export interface Asker {
  /** `AWS` for an account, role or session, `Service` for a service. */
  readonly kind: 'AWS' | 'Service'
  /** All that names it: its ARN and its account's, or `lambda.amazonaws.com`. */
  readonly names: readonly string[]
}

export type Verdict = 'allowed' | 'explicitly-denied' | 'not-allowed'

/** The verdict of a role's policies on a request. */
export function evaluate(policies: readonly PolicyDocument[], request: AccessRequest): Verdict {
  return verdictOf(policies, (statement, { hasVariables }) => applies(statement, request, hasVariables))
}

/** The verdict of a resource's policy on who asks; a role's trust policy is one (IAM User Guide: role trust policies). */
export function evaluateResource(policy: PolicyDocument, asker: Asker, request: AccessRequest): Verdict {
  return verdictOf(
    [policy],
    (statement, { hasVariables }) =>
      isNamed(statement.principals, asker) && applies(statement, request, hasVariables),
  )
}

function verdictOf(
  policies: readonly PolicyDocument[],
  doesApply: (statement: Statement, policy: PolicyDocument) => boolean,
): Verdict {
  let verdict: Verdict = 'not-allowed'
  for (const policy of policies) {
    for (const statement of policy.statements) {
      if (statement.effect === 'Allow' && verdict === 'allowed') continue
      if (!doesApply(statement, policy)) continue
      if (statement.effect === 'Deny') return 'explicitly-denied'
      verdict = 'allowed'
    }
  }
  return verdict
}

function applies(statement: Statement, request: AccessRequest, hasVariables: boolean): boolean {
  const { action, resource, context } = request
  return (
    selects(statement.actions, (pattern) => matchesAction(pattern, action)) &&
    (!statement.resources ||
      selects(statement.resources, (pattern) => isOf(pattern, resource, context, hasVariables))) &&
    holds(statement.condition, context, hasVariables)
  )
}

const selects = ({ patterns, isInverted }: Selection, isMatch: (pattern: string) => boolean) =>
  patterns.some(isMatch) !== isInverted

function isOf(pattern: string, resource: string, context: RequestContext, hasVariables: boolean): boolean {
  const tokens = hasVariables ? expanded(pattern, context) : tokensOf(pattern)
  return tokens !== undefined && matchesArn(tokens, resource)
}

function isNamed(principals: Principals | undefined, { kind, names }: Asker): boolean {
  if (!principals) return false
  const wanted = principals.byKind[kind] ?? []
  const isAnyone = kind === 'AWS' && wanted.includes('*')
  return (isAnyone || names.some((name) => wanted.includes(name))) !== principals.isInverted
}
