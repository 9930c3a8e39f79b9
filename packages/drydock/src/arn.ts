/** ARNs, made and read in one place (IAM User Guide: Amazon Resource Names). */
import type { AssumedRole, Scope } from './service.ts'

/** An ARN's parts. Resources that belong to no account or region have none. */
export interface Arn extends Scope {
  readonly service: string
  /** All that follows the account: `cluster/web`, `function:web:1`. */
  readonly resource: string
}

/** `arn:aws:<service>:<region>:<account>:<resource>`, in the partition that the region is of. */
export function arnOf(service: string, { region, accountId }: Scope, resource: string): string {
  return `arn:${partitionOf(region)}:${service}:${region}:${accountId}:${resource}`
}

/** The ARN of a resource that belongs to an account and to no region, as IAM's do. */
export const globalArnOf = (service: string, { accountId, region }: Scope, resource: string) =>
  `arn:${partitionOf(region)}:${service}::${accountId}:${resource}`

/** The account itself, as IAM names it: whoever calls without the credentials of a role. */
export const rootArn = (scope: Scope) => globalArnOf('iam', scope, 'root')

/** The ARN of who has taken a role on; a role's path is no part of it (IAM User Guide, IAM identifiers). */
export const assumedRoleArn = (scope: Scope, { roleName, sessionName }: AssumedRole) =>
  globalArnOf('sts', scope, `assumed-role/${roleName}/${sessionName}`)

const ARN = /^arn:aws[a-z-]*:([a-z0-9-]+):([a-z0-9-]*):(\d{12}|):(.+)$/

/** The parts of an ARN; `undefined` for what is none. */
export function parseArn(text: string): Arn | undefined {
  const [, service, region = '', accountId = '', resource = ''] = ARN.exec(text) ?? []
  return service === undefined ? undefined : { service, region, accountId, resource }
}

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}
