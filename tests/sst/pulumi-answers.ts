/** What providers would say: the attributes of a resource once it is made, and the answers of their functions. */

export const ACCOUNT = '123456789012'

/** Where a stage is deployed. */
export interface Where {
  readonly account: string
  readonly region: string
}

/** A resource's inputs or outputs. */
export type Properties = Record<string, unknown>

/** Service and beginning of the resource's part in the ARNs of a type; a type that is not here has its service alone. */
const ARNS: Record<string, readonly [string, string]> = {
  'aws:cloudwatch/eventBus:EventBus': ['events', 'event-bus/'],
  'aws:cloudwatch/eventRule:EventRule': ['events', 'rule/'],
  'aws:cloudwatch/logGroup:LogGroup': ['logs', 'log-group:'],
  'aws:cloudwatch/metricAlarm:MetricAlarm': ['cloudwatch', 'alarm:'],
  'aws:dynamodb/table:Table': ['dynamodb', 'table/'],
  'aws:iam/role:Role': ['iam', 'role/'],
  'aws:lambda/function:Function': ['lambda', 'function:'],
}

/** The attributes of a resource of `type` that was made of `inputs`. */
export function outputsOf(type: string, name: string, inputs: Properties, where: Where): Properties {
  const { account, region } = where
  const known = { name, ...inputs }
  const [service, kind] = ARNS[type] ?? [type.split(/[:/]/)[1] ?? '', '']
  const bus = type.endsWith(':EventRule') && inputs.eventBusName ? `${inputs.eventBusName}/` : ''
  const arn = `arn:aws:${service}:${service === 'iam' ? '' : region}:${account}:${kind}${bus}${known.name}`
  if (type === 'aws:sqs/queue:Queue')
    return { arn, ...known, url: `https://sqs.${region}.amazonaws.com/${account}/${known.name}` }
  if (type === 'aws:lambda/function:Function')
    return { arn, ...known, version: '$LATEST', qualifiedArn: `${arn}:$LATEST`, invokeArn: `invoke/${arn}` }
  // Always the same key, so that the same sources make the same bundles.
  if (type === 'random:index/randomBytes:RandomBytes')
    return { ...known, base64: Buffer.alloc(Number(inputs.length), 7).toString('base64') }
  return { arn, ...known }
}

/** The answer of a provider's function; undefined for one that nobody foresaw. */
export function answerOf(
  token: string,
  inputs: Properties,
  { account, region }: Where,
): Properties | undefined {
  switch (token) {
    case 'aws:index/getPartition:getPartition':
      return { partition: 'aws', dnsSuffix: 'amazonaws.com' }
    case 'aws:index/getRegion:getRegion':
      return { region, name: region }
    case 'aws:index/getCallerIdentity:getCallerIdentity':
      return { accountId: account, arn: `arn:aws:iam::${account}:root` }
    case 'aws:iam/getPolicyDocument:getPolicyDocument':
      return { ...inputs, json: JSON.stringify(documentOf(inputs)) }
    default:
      return undefined
  }
}

interface StatementInput {
  readonly effect?: string
  readonly actions?: readonly string[]
  readonly resources?: readonly string[]
  readonly principals?: readonly { readonly type: string; readonly identifiers: readonly string[] }[]
  readonly conditions?: readonly {
    readonly test: string
    readonly variable: string
    readonly values: readonly string[]
  }[]
}

/** The policy as the provider writes it: a list of one is its one. */
function documentOf({ statements = [] }: { readonly statements?: readonly StatementInput[] }) {
  return { Version: '2012-10-17', Statement: statements.map(statementOf) }
}

function statementOf({ effect = 'Allow', actions, resources, principals, conditions = [] }: StatementInput) {
  const Condition: Record<string, Record<string, unknown>> = {}
  for (const { test, variable, values } of conditions)
    Condition[test] = { ...Condition[test], [variable]: oneOrAll(values) }
  return {
    Effect: effect,
    Action: oneOrAll(actions),
    Resource: oneOrAll(resources),
    ...(principals && {
      Principal: Object.fromEntries(
        principals.map(({ type, identifiers }) => [type, oneOrAll(identifiers)] as const),
      ),
    }),
    ...(conditions.length > 0 && { Condition }),
  }
}

const oneOrAll = (list: readonly string[] | undefined) => (list?.length === 1 ? list[0] : list)
