/** Names and ARNs of log groups and streams, and how they are found. */
import { arnOf, parseArn } from '../arn.ts'
import type { Scope } from '../service.ts'
import { invalidParameter, notFound, violation } from './errors.ts'
import type { LogGroupRecord, LogStreamRecord, LogsState } from './state.ts'

const GROUP_NAME = /^[.\-_/#A-Za-z0-9]+$/
const LONGEST_NAME = 512

/** Throws InvalidParameterException for a name that no log group can have (API Reference: CreateLogGroup). */
export function requireGroupName(name: string): void {
  requireLength('logGroupName', name)
  if (!GROUP_NAME.test(name))
    throw violation(
      'logGroupName',
      name,
      'Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+',
    )
  if (/^aws\//i.test(name)) throw invalidParameter('Log groups starting with AWS/ are reserved for AWS.')
}

/** Throws InvalidParameterException for a name that no log stream can have (API Reference: CreateLogStream). */
export function requireStreamName(name: string): void {
  requireLength('logStreamName', name)
  if (/[:*]/.test(name))
    throw violation('logStreamName', name, 'Member must satisfy regular expression pattern: [^:*]*')
}

function requireLength(member: string, name: string): void {
  if (name === '') throw violation(member, name, 'Member must have length greater than or equal to 1')
  if (name.length > LONGEST_NAME)
    throw violation(member, name, `Member must have length less than or equal to ${LONGEST_NAME}`)
}

/** The ARN that tags go by; in policies it is followed by `:*`. */
export const groupArn = (scope: Scope, name: string) => arnOf('logs', scope, `log-group:${name}`)

export const streamArn = (scope: Scope, group: string, name: string) =>
  `${groupArn(scope, group)}:log-stream:${name}`

/** The group of a name. Throws ResourceNotFoundException. */
export function findGroup({ groups }: LogsState, name = ''): LogGroupRecord {
  const group = groups[name]
  if (!group) throw notFound('group')
  return group
}

/** How an operation names its group: by its name, or by name or ARN. */
export interface GroupReference {
  readonly logGroupName?: string | undefined
  readonly logGroupIdentifier?: string | undefined
}

/** The group that is named in one of two ways. Throws InvalidParameterException for both or neither. */
export function groupOf(
  state: LogsState,
  { logGroupName, logGroupIdentifier }: GroupReference,
): LogGroupRecord {
  if ((logGroupName === undefined) === (logGroupIdentifier === undefined))
    throw invalidParameter('Either logGroupName or logGroupIdentifier must be specified, but not both.')
  return findGroup(state, logGroupName ?? nameOf(logGroupIdentifier ?? ''))
}

/** The group's name in its ARN; what is no ARN is a name. */
export function nameOf(identifier: string): string {
  const arn = parseArn(identifier)
  return arn ? arn.resource.replace(/^log-group:/, '').replace(/:\*$/, '') : identifier
}

/** The stream of a name. Throws ResourceNotFoundException. */
export function findStream(group: LogGroupRecord, name = ''): LogStreamRecord {
  const stream = group.streams[name]
  if (!stream) throw notFound('stream')
  return stream
}
