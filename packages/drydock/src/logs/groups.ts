/** Log groups and how long they keep events. */
import type * as client from '@aws-sdk/client-cloudwatch-logs'
import type { LogGroup } from '@aws-sdk/client-cloudwatch-logs'
import { pageOf } from '../page.ts'
import { emptyRecord, type Scope } from '../service.ts'
import type { Handlers } from '../wire/handlers.ts'
import { alreadyExists, invalidParameter, requireRange, unsupported, violation } from './errors.ts'
import { findGroup, groupArn, requireGroupName } from './names.ts'
import type { LogGroupRecord, LogsOperation, LogsState } from './state.ts'
import { SWEEP_MS } from './store.ts'
import { requireTags } from './tags.ts'

/** API Reference: PutRetentionPolicy. */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]
const CLASSES = ['STANDARD', 'INFREQUENT_ACCESS', 'ESSENTIALS', 'DELIVERY']
const LARGEST_PAGE = 50

export const groupOperations = {
  CreateLogGroup(input, { state, now }) {
    const { logGroupName = '', logGroupClass = 'STANDARD', tags = {} } = input
    requireGroupName(logGroupName)
    if (input.kmsKeyId) throw unsupported('Encryption with a key of KMS')
    if (input.deletionProtectionEnabled) throw unsupported('Deletion protection')
    if (!CLASSES.includes(logGroupClass))
      throw violation(
        'logGroupClass',
        logGroupClass,
        `Member must satisfy enum value set: [${CLASSES.join(', ')}]`,
      )
    requireTags(tags)
    if (state.groups[logGroupName]) throw alreadyExists('group')
    addGroup(state, logGroupName, now, { logGroupClass, tags: { ...tags } })
  },

  DeleteLogGroup({ logGroupName = '' }, { state }) {
    delete state.groups[findGroup(state, logGroupName).name]
  },

  DescribeLogGroups(input, context) {
    const { logGroupNamePrefix: prefix, logGroupNamePattern: pattern, logGroupClass, limit } = input
    if (prefix !== undefined && pattern !== undefined)
      throw invalidParameter(
        'LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.',
      )
    if (input.includeLinkedAccounts) throw unsupported('includeLinkedAccounts')
    requireRange('limit', limit, 1, LARGEST_PAGE)
    const found = Object.values(context.state.groups).filter(
      (group) =>
        group.name.startsWith(prefix ?? '') &&
        group.name.includes(pattern ?? '') &&
        (!logGroupClass || group.logGroupClass === logGroupClass),
    )
    const page = { size: limit ?? LARGEST_PAGE, token: input.nextToken, badToken }
    const { items, nextToken } = pageOf(found, ({ name }) => name, page)
    return { logGroups: items.map((group) => groupView(context, group)), nextToken }
  },

  PutRetentionPolicy({ logGroupName = '', retentionInDays = 0 }, { state, now }) {
    if (!RETENTION_DAYS.includes(retentionInDays))
      throw violation(
        'retentionInDays',
        retentionInDays,
        `Member must satisfy enum value set: [${RETENTION_DAYS.join(', ')}]`,
      )
    findGroup(state, logGroupName).retentionDays = retentionInDays
    state.sweepAt ??= now + SWEEP_MS
  },

  DeleteRetentionPolicy({ logGroupName = '' }, { state }) {
    delete findGroup(state, logGroupName).retentionDays
  },
} satisfies Partial<Handlers<typeof client, LogsOperation>>

/** What a token that is none is answered with. */
export const badToken = () => invalidParameter('The specified nextToken is invalid.')

/** Adds a group, which must not be there. */
export function addGroup(
  state: LogsState,
  name: string,
  now: number,
  rest: Partial<Pick<LogGroupRecord, 'logGroupClass' | 'tags'>> = {},
): LogGroupRecord {
  const streams = emptyRecord<LogGroupRecord['streams'][string]>()
  const group: LogGroupRecord = {
    name,
    createdAt: now,
    logGroupClass: 'STANDARD',
    tags: {},
    ...rest,
    streams,
  }
  state.groups[name] = group
  return group
}

function groupView(scope: Scope, group: LogGroupRecord): LogGroup {
  const arn = groupArn(scope, group.name)
  return {
    logGroupName: group.name,
    creationTime: group.createdAt,
    ...(group.retentionDays !== undefined && { retentionInDays: group.retentionDays }),
    metricFilterCount: 0,
    arn: `${arn}:*`,
    storedBytes: Object.values(group.streams).reduce((sum, { bytes }) => sum + bytes, 0),
    logGroupClass: group.logGroupClass,
    logGroupArn: arn,
    deletionProtectionEnabled: false,
  }
}
