/** What a door's role allows, as IAM statements: what rules.ts says of it, and what Lambda itself does in its name. */
import { placeRoleArn, placeRoleName } from '@capstan/core/place-roles.ts'
import type { Place } from '@capstan/core/places.ts'
import { type ArnPattern, arnAt, type OwnResource, type Permission, type Rule } from '../functions/rules.ts'
import type { Surroundings } from './doors.ts'

export type Statement = sst.aws.FunctionPermissionArgs
type OwnArns = Readonly<Record<OwnResource, $util.Input<string>>>

/** The statements of a door's role at home; `logGroupArn` is the function's own log group. */
export function statementsOf(
  { door, permissions }: Rule,
  { ledger, places, queues }: Surroundings,
  logGroupArn: $util.Output<string>,
): Statement[] {
  const own: OwnArns = {
    ledger: ledger.arn,
    'dead-letter-queue': queues.deadLetters.arn,
    'discovery-queue': queues.discovery.arn,
  }
  return [
    ...permissions.map((one) => statementOf(one, own)),
    ...(places.length > 0 ? [takingOn(door, places)] : []),
    ...forLambda(logGroupArn),
  ]
}

const takingOn = (door: string, places: readonly Place[]): Statement => ({
  actions: ['sts:AssumeRole'],
  resources: places.map((place) => placeRoleArn(placeRoleName(door), place)),
})

/** A permission as a statement. Throws where it is on what home alone has, and `own` does not say which that is. */
export function statementOf({ actions, resource, condition }: Permission, own?: OwnArns): Statement {
  const conditions = Object.entries(condition ?? {}).flatMap(([test, variables]) =>
    Object.entries(variables as Record<string, string | string[]>).map(([variable, values]) => ({
      test,
      variable,
      values: [values].flat(),
    })),
  )
  return {
    actions: [...actions],
    resources: [arnOf(resource, own)],
    ...(conditions.length && { conditions }),
  }
}

function arnOf(resource: Permission['resource'], own: OwnArns | undefined): $util.Input<string> {
  if (resource === '*') return '*'
  if (!isPattern(resource)) {
    if (!own) throw new Error(`Another place than home has no ${resource}.`)
    return own[resource]
  }
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
