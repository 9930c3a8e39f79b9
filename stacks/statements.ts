/** What a door's role allows, as IAM statements: what rules.ts says of it, and what Lambda itself does in its name. */
import { type ArnPattern, arnAt, type OwnResource, type Permission, type Rule } from '../functions/rules.ts'
import type { Queues } from './queues.ts'

type Statement = sst.aws.FunctionPermissionArgs

/** The role's statements; `logGroupArn` is the function's own log group. */
export function statementsOf(
  rule: Rule,
  ledger: sst.aws.Dynamo,
  queues: Queues,
  logGroupArn: $util.Output<string>,
): Statement[] {
  const arns: Record<OwnResource, $util.Input<string>> = {
    ledger: ledger.arn,
    'dead-letter-queue': queues.deadLetters.arn,
    'discovery-queue': queues.discovery.arn,
  }
  return [...rule.permissions.map((one) => statementOf(one, arns)), ...forLambda(logGroupArn)]
}

function statementOf(
  { actions, resource, condition }: Permission,
  arns: Record<OwnResource, $util.Input<string>>,
): Statement {
  const conditions = Object.entries(condition ?? {}).flatMap(([test, variables]) =>
    Object.entries(variables as Record<string, string | string[]>).map(([variable, values]) => ({
      test,
      variable,
      values: [values].flat(),
    })),
  )
  return {
    actions: [...actions],
    resources: [arnOf(resource, arns)],
    ...(conditions.length && { conditions }),
  }
}

function arnOf(
  resource: Permission['resource'],
  arns: Record<OwnResource, $util.Input<string>>,
): $util.Input<string> {
  if (resource === '*') return '*'
  if (!isPattern(resource)) return arns[resource]
  return $util
    .all([aws.getPartitionOutput(), aws.getRegionOutput(), aws.getCallerIdentityOutput()])
    .apply(([{ partition }, { region }, { accountId: account }]) =>
      arnAt(resource, { partition, region, account }),
    )
}

const isPattern = (resource: OwnResource | ArnPattern): resource is ArnPattern => resource.startsWith('arn:')

/** In place of AWSLambdaBasicExecutionRole, which allows every log group of the account. */
function forLambda(logGroupArn: $util.Output<string>): Statement[] {
  return [
    { actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [$interpolate`${logGroupArn}:*`] },
    // X-Ray has no resource for segments: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
    { actions: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'], resources: ['*'] },
  ]
}
