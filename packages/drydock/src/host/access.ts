/** Who calls, and whether their policies allow it: in front of every request of a client, and nothing that services ask of each other. */
import { parseArn } from '../arn.ts'
import type { Engine } from '../engine.ts'
import { checksOf } from '../iam/actions/checks.ts'
import { firstRefused, globalKeys, policiesOf, refusalText, roleOfArn } from '../iam/authorize.ts'
import { emptyState } from '../iam/state.ts'
import type { AccessRequest, Verdict } from '../policy/evaluate.ts'
import type { AssumedRole, Caller, Scope } from '../service.ts'
import type { Session, StsState } from '../sts/state.ts'
import { AwsError } from '../wire/errors.ts'
import type { JsonMount } from '../wire/json-mount.ts'

/** How often a role was allowed and denied an action. */
interface ActionUsage {
  allowed: number
  denied: number
}

/** What was judged: a role's request for one action on one resource, and the verdict. */
export interface Judgement extends AccessRequest {
  readonly roleArn: string
  readonly verdict: Verdict
}

export interface AccessOptions {
  readonly isEnforced: boolean
  /** Told of each judgement. */
  readonly onJudgement?: (judgement: Judgement) => void
}

/** A role at work, where what it works for is. */
export interface Acting extends Scope {
  readonly roleArn: string
  readonly sessionName: string
}

export interface Access {
  /** The role that an access key is of; `undefined` for keys of nobody, which are the account's root's. */
  readonly whois: (
    accessKeyId: string,
  ) => { readonly accountId: string; readonly role: AssumedRole } | undefined
  /** Throws where the caller's credentials have expired or its policies do not allow the request. */
  readonly require: (service: string, operation: string, input: unknown, caller: Caller) => void
  /** The same for what a service does in the name of a role that it has taken on; a role that is not in IAM may do all. */
  readonly requireAs: (acting: Acting, service: string, operation: string, input: unknown) => void
  /** The same in front of an engine that takes JSON as it is. */
  readonly before: (service: string, mount: JsonMount) => JsonMount
  /** Each role's actions, by the ARN of the role. */
  readonly usage: () => { readonly roles: Readonly<Record<string, Readonly<Record<string, ActionUsage>>>> }
  readonly forgetUsage: () => void
}

/** Makes the guard of an engine. Where policies are not enforced, it only knows who calls. */
export function createAccess(engine: Engine, { isEnforced, onJudgement }: AccessOptions): Access {
  const roles = new Map<string, Map<string, ActionUsage>>()
  const requireIt: Access['require'] = (service, operation, input, caller) => {
    const { role } = caller
    if (!role) return
    const { expiresAt = Number.POSITIVE_INFINITY } = sessionOf(engine, caller.accessKeyId) ?? {}
    if (expiresAt <= engine.clock.now()) throw expired()
    if (!isEnforced) return
    const usage = roles.get(role.roleArn) ?? new Map<string, ActionUsage>()
    roles.set(role.roleArn, usage)
    judge(engine, service, operation, input, caller, role, (request, verdict) => {
      count(usage, request.action, verdict)
      onJudgement?.({ ...request, roleArn: role.roleArn, verdict })
    })
  }
  return {
    whois: (accessKeyId) => identityOf(sessionOf(engine, accessKeyId)),
    require: requireIt,
    requireAs(acting, service, operation, input) {
      const caller = isEnforced ? callerOf(engine, acting) : undefined
      if (caller) requireIt(service, operation, input, caller)
    },
    before: (service, mount) => async (operation, input, caller) => {
      try {
        requireIt(service, operation, input, caller)
      } catch (error) {
        if (error instanceof AwsError) return jsonRefusal(error)
        throw error
      }
      return mount(operation, input, caller)
    },
    usage: () => ({
      roles: Object.fromEntries(
        [...roles].map(([arn, actions]) => [arn, Object.fromEntries([...actions].toSorted())]),
      ),
    }),
    forgetUsage: () => roles.clear(),
  }
}

function judge(
  engine: Engine,
  service: string,
  operation: string,
  input: unknown,
  caller: Caller,
  role: AssumedRole,
  told: (request: AccessRequest, verdict: Verdict) => void,
): void {
  const state = engine.loaded().includes('iam') ? engine.state('iam', caller) : emptyState()
  const keys = globalKeys(caller, role, state, engine.clock.now())
  const checks = checksOf(service, operation, input, caller, keys)
  const refused = firstRefused(policiesOf(role, state), checks, told)
  if (!refused) return
  const text = refusalText(caller, role, refused.check, refused.verdict)
  throw new AwsError('AccessDeniedException', text, { kind: 'denied' })
}

function count(usage: Map<string, ActionUsage>, action: string, verdict: Verdict): void {
  const counts = usage.get(action) ?? { allowed: 0, denied: 0 }
  counts[verdict === 'allowed' ? 'allowed' : 'denied'] += 1
  usage.set(action, counts)
}

const expired = () =>
  new AwsError('ExpiredTokenException', 'The security token included in the request is expired', {
    kind: 'expired',
  })

/** As DynamoDB answers what its front door refuses. */
const jsonRefusal = ({ name, message }: AwsError) => ({
  status: 400,
  body: { __type: `com.amazon.coral.service#${name}`, Message: message },
})

function identityOf(session: Session | undefined) {
  if (!session) return undefined
  const { role } = session
  return { accountId: parseArn(role.roleArn)?.accountId ?? '', role }
}

/** `undefined` where the role is not in IAM. */
function callerOf(engine: Engine, { roleArn, sessionName, ...scope }: Acting): Caller | undefined {
  const role = engine.loaded().includes('iam') ? roleOfArn(roleArn, engine.state('iam', scope)) : undefined
  const assumed = role && { roleArn, roleId: role.id, roleName: role.name, sessionName }
  return assumed && { ...scope, accessKeyId: scope.accountId, requestId: '', role: assumed }
}

/** A session is kept where it was asked for, which may be another account than the role's. */
function sessionOf(engine: Engine, accessKeyId: string): Session | undefined {
  if (!accessKeyId.startsWith('ASIA')) return undefined
  for (const { name, state } of engine.snapshot()) {
    const session = name === 'sts' ? (state as StsState).sessions[accessKeyId] : undefined
    if (session) return session
  }
  return undefined
}
