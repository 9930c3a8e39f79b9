/** The roles of an installation: each door may do what `functions/rules.ts` says, and write its log. All may exist already. */
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  GetRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam'
import {
  type ArnPattern,
  arnAt,
  type OwnResource,
  type Permission,
  type Rule,
} from '../../../../functions/rules.ts'
import type { SdkConfig } from '../sdk.ts'
import { unlessExists } from './install-queues.ts'

/** The ARNs that permissions mean. */
export type ResourceArns = Readonly<Record<OwnResource, string>>

const LOGS = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'
const TRUST = policyOf([
  { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
])

/** Makes the role of a door, or brings its permissions up to date; resolves with its ARN. */
export async function createRole(sdk: SdkConfig, rule: Rule, arns: ResourceArns): Promise<string> {
  const iam = new IAMClient(sdk)
  const RoleName = `capstan-${rule.door}`
  await unlessExists('EntityAlreadyExistsException', () =>
    iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: TRUST })),
  )
  const PolicyDocument = permissionsOf(rule, arns)
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'permissions', PolicyDocument }))
  await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: LOGS }))
  const { Role } = await iam.send(new GetRoleCommand({ RoleName }))
  return Role?.Arn ?? ''
}

function permissionsOf({ permissions }: Rule, arns: ResourceArns): string {
  const statements = permissions.map(({ actions, resource, condition }) => ({
    Effect: 'Allow',
    Action: actions,
    Resource: arnOf(resource, arns),
    ...(condition && { Condition: condition }),
  }))
  return policyOf(statements)
}

/** The ledger's ARN says where all is installed. */
function arnOf(resource: Permission['resource'], arns: ResourceArns): string {
  if (resource === '*') return '*'
  if (!isPattern(resource)) return arns[resource]
  const [, partition = '', , region = '', account = ''] = arns.ledger.split(':')
  return arnAt(resource, { partition, region, account })
}

const isPattern = (resource: OwnResource | ArnPattern): resource is ArnPattern => resource.startsWith('arn:')

function policyOf(statements: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements })
}
