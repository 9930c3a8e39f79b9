/** Rule targets: what a rule hands its events to. This engine delivers to functions, queues and event buses. */

import type * as client from '@aws-sdk/client-eventbridge'
import type { Target } from '@aws-sdk/client-eventbridge'
import { type Arn, parseArn } from '../arn.ts'
import { parseJson } from '../json.ts'
import { emptyRecord } from '../service.ts'
import { AwsError } from '../wire/errors.ts'
import type { Handlers } from '../wire/handlers.ts'
import { requireLength, requireRange, violation } from '../wire/violation.ts'
import { findBus } from './buses.ts'
import { invalid, limitExceeded } from './errors.ts'
import { parsePath } from './json-path.ts'
import { requestedPage } from './page.ts'
import { MOST_RETRIES, OLDEST_SECONDS } from './retry.ts'
import { findRule } from './rules.ts'
import type { EventsOperationContext, Rule } from './state.ts'

/** EventBridge quotas: targets of a rule. */
const MOST_TARGETS = 5
/** API Reference, PutTargets and RemoveTargets: items of a request. */
const MOST_TARGETS_AT_ONCE = 100
const ID = /^[.\-_A-Za-z0-9]{1,64}$/
/** API Reference, InputTransformer. */
const MOST_VARIABLES = 100
/** CloudFormation, AWS::Events::Rule SqsParameters: characters of a message group's id. */
const LONGEST_GROUP = 100
/** API Reference, RetryPolicy. */
const YOUNGEST_SECONDS = 60

const DELIVERABLE: ReadonlyMap<string, RegExp> = new Map([
  ['lambda', /^function:[\w-]+(:[\w$-]+)?$/],
  ['sqs', /^[\w-]+(\.fifo)?$/],
  ['events', /^event-bus\/.+$/],
])

/** The settings of other kinds of targets, which would be kept without any effect. */
const UNSUPPORTED = [
  'KinesisParameters',
  'RunCommandParameters',
  'EcsParameters',
  'BatchParameters',
  'HttpParameters',
  'RedshiftDataParameters',
  'SageMakerPipelineParameters',
  'AppSyncParameters',
] as const satisfies readonly (keyof Target)[]

export const targetOperations = {
  PutTargets({ Rule: name, EventBusName, Targets = [] }, context) {
    const { bus, rule } = findRule(name, EventBusName, context)
    requireLength('targets', Targets.length, 1, MOST_TARGETS_AT_ONCE)
    for (const [index, target] of Targets.entries()) requireTarget(target, index + 1, context)
    if (Targets.some(({ Arn }) => Arn === bus.arn))
      throw invalid(`Event bus ${bus.name} cannot be a target of its own rules.`)
    const targets = Object.assign(emptyRecord<Target>(), rule.targets)
    for (const target of Targets) targets[target.Id ?? ''] = target
    if (Object.keys(targets).length > MOST_TARGETS) throw limitExceeded()
    bus.rules[rule.name] = { ...rule, targets }
    return { FailedEntryCount: 0, FailedEntries: [] }
  },

  ListTargetsByRule({ Rule: name, EventBusName, Limit, NextToken }, context) {
    const { rule } = findRule(name, EventBusName, context)
    const { items, nextToken } = requestedPage(Object.values(rule.targets), ({ Id = '' }) => Id, {
      Limit,
      NextToken,
    })
    return { Targets: items, NextToken: nextToken }
  },

  RemoveTargets({ Rule: name, EventBusName, Ids = [] }, context) {
    const { bus, rule } = findRule(name, EventBusName, context)
    requireLength('ids', Ids.length, 1, MOST_TARGETS_AT_ONCE)
    const missing = Ids.filter((id) => !rule.targets[id])
    const kept = Object.entries(rule.targets).filter(([id]) => !Ids.includes(id))
    const targets = Object.assign(emptyRecord<Target>(), Object.fromEntries(kept))
    bus.rules[rule.name] = { ...rule, targets }
    const failed = missing.map((id) => ({
      TargetId: id,
      ErrorCode: 'ResourceNotFoundException',
      ErrorMessage: `Rule ${rule.name} has no target ${id}.`,
    }))
    return { FailedEntryCount: failed.length, FailedEntries: failed }
  },

  ListRuleNamesByTarget({ TargetArn, EventBusName, Limit, NextToken }, context) {
    const hasTarget = ({ targets }: Rule) => Object.values(targets).some(({ Arn }) => Arn === TargetArn)
    const rules = Object.values(findBus(EventBusName, context).rules).filter(hasTarget)
    const { items, nextToken } = requestedPage(rules, ({ name }) => name, { Limit, NextToken })
    return { RuleNames: items.map(({ name }) => name), NextToken: nextToken }
  },
} satisfies Partial<Handlers<typeof client, EventsOperationContext>>

function requireTarget(target: Target, position: number, scope: EventsOperationContext): void {
  const { Id: id = '', Arn: arn = '' } = target
  const at = `targets.${position}.member`
  if (!ID.test(id))
    throw violation(`${at}.id`, id, 'Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+')
  const parsed = parseArn(arn)
  if (!parsed?.accountId)
    throw invalid(`Parameter ${arn} is not valid. Reason: Provided Arn is not in correct format.`)
  const { service, resource } = parsed
  if (!DELIVERABLE.get(service)?.test(resource)) {
    throw invalid(
      `Parameter ${arn} is not valid. Reason: this engine delivers to Lambda functions, SQS queues and event buses only.`,
    )
  }
  const unsupported = UNSUPPORTED.find((name) => target[name] !== undefined)
  if (unsupported) throw invalid(`Parameter ${unsupported} does not apply to target ${id}.`)
  requireInput(target, service)
  requireRole(target, parsed, scope)
  requireGroup(target, service, resource, `${at}.sqsParameters`)
  requireRetryPolicy(target, `${at}.retryPolicy`)
  requireDeadLetterQueue(target, scope.region)
}

/** EventBridge User Guide, sending and receiving events between accounts, and between Regions: a role of the rule's own account. */
function requireRole(
  { Arn, RoleArn }: Target,
  target: Arn,
  { accountId, region }: EventsOperationContext,
): void {
  const isElsewhere = target.accountId !== accountId || target.region !== region
  if (target.service === 'events' && isElsewhere && !RoleArn)
    throw invalid(`RoleArn is required for target ${Arn}.`)
  if (RoleArn === undefined) return
  const role = parseArn(RoleArn)
  if (role?.service !== 'iam' || !role.resource.startsWith('role/'))
    throw invalid(`Parameter ${RoleArn} is not valid. Reason: Provided Arn is not in correct format.`)
  if (role.accountId !== accountId)
    throw new AwsError('AccessDeniedException', 'Cross-account pass role is not allowed.', { kind: 'denied' })
}

function requireInput({ Id: id, Input, InputPath, InputTransformer }: Target, service: string): void {
  const given = [Input, InputPath, InputTransformer].filter((part) => part !== undefined)
  if (given.length && service === 'events') {
    throw invalid(
      `Parameter Input is not valid for target ${id}. Reason: an event bus gets the event as it is.`,
    )
  }
  if (given.length > 1) {
    throw invalid(`Only one of Input, InputPath, or InputTransformer must be provided for target ${id}.`)
  }
  if (Input !== undefined && parseJson(Input) === undefined)
    throw invalid(`JSON syntax error in input for target ${id}.`)
  if (InputPath !== undefined) requirePath(InputPath, id)
  const variables = Object.entries(InputTransformer?.InputPathsMap ?? {})
  if (variables.length > MOST_VARIABLES) throw limitExceeded()
  for (const [name, path] of variables) {
    if (/^aws\./i.test(name)) throw invalid(`InputPathsMap for target ${id} uses the reserved name ${name}.`)
    requirePath(path, id)
  }
}

function requirePath(path: string, id: string | undefined): void {
  if (!parsePath(path)) throw invalid(`Invalid InputPath for target ${id} : ${path}.`)
}

/** SQS targets: a FIFO queue needs a message group, a standard one may have one (fair queues), any other target none. */
function requireGroup(
  { Id: id, SqsParameters }: Target,
  service: string,
  resource: string,
  at: string,
): void {
  const isFifo = service === 'sqs' && resource.endsWith('.fifo')
  if (isFifo && !SqsParameters?.MessageGroupId) {
    throw invalid(`Parameter(s) SqsParameters must be specified for target: ${id}.`)
  }
  if (SqsParameters && service !== 'sqs')
    throw invalid(`Parameter SqsParameters does not apply to target ${id}.`)
  const { MessageGroupId: group = '' } = SqsParameters ?? {}
  if (group.length > LONGEST_GROUP) {
    const constraint = `Member must have length less than or equal to ${LONGEST_GROUP}`
    throw violation(`${at}.messageGroupId`, group, constraint)
  }
}

/** API Reference, RetryPolicy. */
function requireRetryPolicy({ RetryPolicy }: Target, at: string): void {
  const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = RetryPolicy ?? {}
  requireRange(`${at}.maximumRetryAttempts`, MaximumRetryAttempts, 0, MOST_RETRIES)
  requireRange(`${at}.maximumEventAgeInSeconds`, MaximumEventAgeInSeconds, YOUNGEST_SECONDS, OLDEST_SECONDS)
}

/** EventBridge User Guide, dead-letter queues: a standard queue of the same region. */
function requireDeadLetterQueue({ Id: id, DeadLetterConfig }: Target, region: string): void {
  const arn = DeadLetterConfig?.Arn
  if (arn === undefined) return
  const queue = parseArn(arn)
  const reason =
    queue?.service !== 'sqs'
      ? 'a dead-letter queue must be an SQS queue'
      : queue.region !== region
        ? 'a dead-letter queue must be in the same region as the rule'
        : queue.resource.endsWith('.fifo') && 'a dead-letter queue must be a standard queue'
  if (reason)
    throw invalid(`Parameter DeadLetterConfig.Arn is not valid for target ${id}. Reason: ${reason}.`)
}
