/** What `sst deploy` would make in an account: the graph of resources of production, as sst itself evaluates it. */
import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { OWN_PREFIX } from '@capstan/aws/guard/recommended-alarms.ts'
import { tableDefinition, timeToLive } from '@capstan/aws/ledger/table.ts'
import { checkout } from '@capstan/cli/config-file.ts'
import { MOST_BYTES, mostOf, writtenSizes } from '@capstan/cli/dev/bundle-sizes.ts'
import type { MetricName } from '@capstan/core/measures.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ArnPattern, arnAt, type Rule, rules } from '../../functions/rules.ts'
import { type Evaluated, evaluate } from './evaluate.ts'
import { allOf, componentOf, type Graph, oneOf, statementsIn } from './graph.ts'

let stage: Evaluated
let production: Graph

beforeAll(async () => {
  stage = await evaluate('production')
  production = stage.graph
}, 300_000)
afterAll(() => stage?.dispose())

const ARN = 'arn:aws:%:eu-west-1:123456789012:'
const arnOf = (service: string, rest: unknown) => `${ARN.replace('%', service)}${rest}`
const queueOf = (rule: Rule) => ('pattern' in rule ? rule.queue : undefined)
const queueArn = (name: string) => arnOf('sqs', oneOf(production, 'Queue', `${name}Queue`).name)
const queueUrl = (name: string) =>
  `https://sqs.eu-west-1.amazonaws.com/123456789012/${oneOf(production, 'Queue', `${name}Queue`).name}`
const doors = rules.map((rule) => [rule.door, rule] as const)

test('sst.config.ts and stacks/ are what the types of sst and its providers allow', () => {
  execFileSync('tsc', ['-p', 'stacks'], { cwd: checkout, stdio: 'inherit' })
})

describe.each(doors)('the door %s', (door, rule) => {
  const component = componentOf(door)
  const name = `capstan-production-${door}`

  test('is woken by what rules.ts says, on the default bus', () => {
    const { eventPattern, ...rest } = oneOf(production, 'EventRule', `${component}Rule`)
    expect(rest).toEqual({
      name,
      description: rule.description,
      ...('schedule' in rule && { scheduleExpression: rule.schedule }),
    })
    expect(eventPattern && JSON.parse(String(eventPattern))).toEqual(
      'pattern' in rule ? rule.pattern : undefined,
    )
  })

  test('gets each event again for a while, and what it does not take is kept', () => {
    const isScheduled = 'schedule' in rule
    expect(oneOf(production, 'EventTarget', `${component}Target`)).toEqual({
      rule: name,
      targetId: door,
      arn: queueOf(rule) ? queueArn('Discovery') : arnOf('lambda', `function:${name}`),
      deadLetterConfig: { arn: queueArn('DeadLetters') },
      retryPolicy: isScheduled
        ? { maximumEventAgeInSeconds: 60, maximumRetryAttempts: 1 }
        : { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 60 },
    })
  })

  test('may be called by its rule alone, and by no URL', () => {
    const permission = allOf(production, 'Permission').get(`${component}Permission`)
    const calledByRule = {
      action: 'lambda:InvokeFunction',
      function: name,
      principal: 'events.amazonaws.com',
      sourceArn: arnOf('events', `rule/${name}`),
    }
    expect(permission).toEqual(queueOf(rule) ? undefined : calledByRule)
  })

  test('is a function with its settings, which keeps what it failed to do', () => {
    const isAsynchronous = queueOf(rule) === undefined
    const { environment, s3Key, ...settings } = oneOf(production, 'Function', `${component}Function`)
    expect(settings).toMatchObject({
      ...{ name, description: rule.description, runtime: 'nodejs24.x', architectures: ['arm64'] },
      ...{ timeout: rule.timeoutSeconds, memorySize: 256, tracingConfig: { mode: 'Active' } },
      loggingConfig: { logFormat: 'Text', logGroup: `/aws/lambda/${name}` },
    })
    expect(settings.deadLetterConfig).toEqual(
      isAsynchronous ? { targetArn: queueArn('DeadLetters') } : undefined,
    )
    expect(allOf(production, 'FunctionEventInvokeConfig').get(`${component}EventInvokeConfig`)).toEqual(
      isAsynchronous ? { functionName: name, maximumRetryAttempts: rule.retries } : undefined,
    )
    expect(oneOf(production, 'LogGroup', `${component}LogGroup`)).toMatchObject({ retentionInDays: 90 })
  })

  test('is told where the ledger and the queues are that it may use', () => {
    const { variables } = oneOf(production, 'Function', `${component}Function`).environment as {
      variables: Record<string, string>
    }
    const own = Object.entries(variables).filter(([variable]) => !variable.startsWith('SST_'))
    const sends = rule.permissions.some(({ resource }) => resource === 'discovery-queue')
    expect(Object.fromEntries(own)).toEqual({
      CAPSTAN_LEDGER_TABLE: oneOf(production, 'Table', 'LedgerTable').name,
      CAPSTAN_DEAD_LETTER_QUEUE_URL: queueUrl('DeadLetters'),
      ...(sends && { CAPSTAN_DISCOVERY_QUEUE_URL: queueUrl('Discovery') }),
    })
  })

  test('has a role that only Lambda takes, and that allows what rules.ts says, logs and traces', () => {
    const role = oneOf(production, 'Role', `${component}Role`)
    expect(role.assumeRolePolicy).toMatchObject({
      Statement: [
        { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
      ],
    })
    expect(role.managedPolicyArns).toEqual([])
    const [inline, ...others] = role.inlinePolicies as { policy: string }[]
    expect(others).toEqual([])
    expect(statementsIn(inline?.policy)).toEqual([
      ...rule.permissions.map(expectedStatement),
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: arnOf('logs', `log-group:/aws/lambda/${name}:*`),
      },
      { Effect: 'Allow', Action: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'], Resource: '*' },
    ])
  })

  test('is bundled within the limits of its own bundler', () => {
    const { size } = statSync(join(stage.artifacts, `${component}-src`, 'bundle.mjs'))
    expect(size).toBeLessThan(MOST_BYTES)
    expect(size).toBeLessThan(mostOf(writtenSizes().doors[door]))
  })
})

/** The statement that a permission of rules.ts becomes: a list of one is its one. */
function expectedStatement({ actions, resource, condition }: Rule['permissions'][number]) {
  const place = { partition: 'aws', region: 'eu-west-1', account: '123456789012' }
  const arns: Record<string, string> = {
    ledger: arnOf('dynamodb', `table/${oneOf(production, 'Table', 'LedgerTable').name}`),
    'dead-letter-queue': queueArn('DeadLetters'),
    'discovery-queue': queueArn('Discovery'),
  }
  return {
    Effect: 'Allow',
    Action: actions.length === 1 ? actions[0] : actions,
    Resource: resource.startsWith('arn:') ? arnAt(resource as ArnPattern, place) : (arns[resource] ?? '*'),
    ...(condition && { Condition: condition }),
  }
}

test('no role allows all actions of a service, and each may pass roles to tasks of ECS alone', () => {
  for (const { inlinePolicies } of allOf(production, 'Role').values()) {
    const [inline] = inlinePolicies as { policy: string }[]
    for (const { Action, Condition } of statementsIn(inline?.policy)) {
      expect([Action].flat().filter((action) => action.includes('*'))).toEqual([])
      if ([Action].flat().includes('iam:PassRole'))
        expect(Condition).toEqual({ StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } })
    }
  }
})

test('the ledger is the table that the code writes to; in production it is kept whatever happens', () => {
  const { KeySchema, AttributeDefinitions, BillingMode } = tableDefinition
  const table = {
    hashKey: KeySchema[0]?.AttributeName,
    rangeKey: KeySchema[1]?.AttributeName,
    attributes: AttributeDefinitions.map((one) => ({ name: one.AttributeName, type: one.AttributeType })),
    billingMode: BillingMode,
    ttl: { attributeName: timeToLive.AttributeName, enabled: timeToLive.Enabled },
    pointInTimeRecovery: { enabled: true },
  }
  expect(oneOf(production, 'Table', 'LedgerTable')).toMatchObject({
    ...table,
    deletionProtectionEnabled: true,
  })
  expect(production.outputs['pulumi:pulumi:Stack::capstan-production']).toMatchObject({ _protect: true })
})

test("discovery's queue has its settings, and its door answers for each message", () => {
  const [settings] = rules.flatMap((rule) => queueOf(rule) ?? [])
  expect(oneOf(production, 'Queue', 'DiscoveryQueue')).toMatchObject({
    visibilityTimeoutSeconds: settings?.visibilityTimeoutSeconds,
    messageRetentionSeconds: settings?.retentionSeconds,
    redrivePolicy: JSON.stringify({
      deadLetterTargetArn: queueArn('DeadLetters'),
      maxReceiveCount: settings?.maxReceives,
    }),
  })
  expect([...allOf(production, 'EventSourceMapping').values()]).toEqual([
    {
      eventSourceArn: queueArn('Discovery'),
      functionName: 'capstan-production-task-state-changed',
      batchSize: settings?.batchSize,
      maximumBatchingWindowInSeconds: settings?.windowSeconds,
      scalingConfig: { maximumConcurrency: settings?.maximumConcurrency },
      functionResponseTypes: ['ReportBatchItemFailures'],
    },
  ])
})

test('queues take events from the rules of this stage, and from nobody else', () => {
  const ruleArn = (door: string) => arnOf('events', `rule/capstan-production-${door}`)
  const allowing = (queue: string, sources: string | readonly string[]) => [
    {
      Effect: 'Allow',
      Action: 'sqs:SendMessage',
      Resource: queueArn(queue),
      Principal: { Service: 'events.amazonaws.com' },
      Condition: { ArnEquals: { 'aws:SourceArn': sources } },
    },
  ]
  const policies = [...allOf(production, 'QueuePolicy')].map(
    ([name, { policy }]) => [name, statementsIn(policy)] as const,
  )
  expect(Object.fromEntries(policies)).toEqual({
    DeadLettersPolicy: allowing(
      'DeadLetters',
      rules.map(({ door }) => ruleArn(door)),
    ),
    DiscoveryPolicy: allowing('Discovery', ruleArn('task-state-changed')),
  })
})

test('its own health has alarms: dead letters, age, errors, throttles, and a sweep that does not run', () => {
  const alarms = [...allOf(production, 'MetricAlarm').values()]
  const sweeps = rules.flatMap((rule) => ('schedule' in rule ? [rule.door] : []))
  const expected = [
    'dead-letters',
    'discovery-queue-age',
    ...rules.flatMap(({ door }) => [`${door}-errors`, `${door}-throttles`]),
    ...sweeps.map((door) => `${door}-missing`),
  ]
  expect(alarms.map(({ name }) => name).sort()).toEqual(
    expected.map((name) => `capstan/production/${name}`).sort(),
  )
  const [topic] = allOf(production, 'Topic').values()
  const told = [`${ARN.replace('%', 'sns')}${topic?.name}`]
  for (const alarm of alarms) expect(alarm).toMatchObject({ alarmActions: told, okActions: told })
  expect(oneOf(production, 'MetricAlarm', 'ReconcileMissingAlarm')).toMatchObject({
    ...{ metricName: 'Invocations', comparisonOperator: 'LessThanThreshold', threshold: 1 },
    treatMissingData: 'breaching',
  })
})

test('no alarm has a name that the sweep takes for one of its own, which it would read each minute', () => {
  const names = [...allOf(production, 'MetricAlarm').values()].map(({ name }) => String(name))
  expect(names.filter((name) => name.startsWith(OWN_PREFIX))).toEqual([])
})

test('one dashboard shows every door, both queues, and every metric of Capstan’s', () => {
  const [{ dashboardName, dashboardBody } = {}, ...others] = [...allOf(production, 'Dashboard').values()]
  expect({ dashboardName, others }).toEqual({ dashboardName: 'capstan-production', others: [] })
  const { widgets } = JSON.parse(String(dashboardBody)) as DashboardBody
  const shown = JSON.stringify(widgets)
  for (const { door } of rules) expect(shown).toContain(`capstan-production-${door}`)
  for (const { name } of allOf(production, 'Queue').values()) expect(shown).toContain(name)
  const expressions = widgets.flatMap(({ properties: { metrics } }) =>
    metrics.flatMap(([first]) => (typeof first === 'object' ? [first.expression] : [])),
  )
  const named = widgets.flatMap(({ properties: { metrics } }) =>
    metrics.flatMap(([namespace, name]) => (namespace === 'Capstan' ? [name] : [])),
  )
  const searched = expressions.map((expression) => /MetricName="(\w+)"/.exec(expression)?.[1])
  expect(new Set([...named, ...searched])).toEqual(new Set([...Object.keys(METRICS), 'PermanentFailures']))
})

/** All that are measured: a new one is not forgotten here, because the type wants it. */
const METRICS: Readonly<Record<MetricName, true>> = {
  ...{ Deployments: true, Rollbacks: true, FailedDeployments: true, Skips: true, DiscoveryLag: true },
  ...{ PushToStarted: true, PushToDeployed: true, PushToVerified: true, TimeToRestore: true },
}

/** As far as it is used: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html */
interface DashboardBody {
  readonly widgets: readonly {
    readonly type: string
    readonly x: number
    readonly y: number
    readonly width: number
    readonly height: number
    readonly properties: {
      readonly title: string
      readonly region: string
      readonly view: string
      readonly period: number
      readonly metrics: readonly (readonly (string | { readonly expression: string })[])[]
    }
  }[]
}

test('the dashboard has the form that CloudWatch takes, and no widget covers another', () => {
  const [{ dashboardBody } = {}] = [...allOf(production, 'Dashboard').values()]
  const { widgets } = JSON.parse(String(dashboardBody)) as DashboardBody
  expect(new Set(widgets.map(({ x, y }) => `${x} ${y}`)).size).toBe(widgets.length)
  for (const { height, properties, type, width, x } of widgets) {
    expect({ type, height, isInside: x + width <= 24 }).toEqual({ type: 'metric', height: 6, isInside: true })
    const { metrics, period, region, title, view } = properties
    expect({ region, view }).toEqual({ region: 'eu-west-1', view: 'timeSeries' })
    // One of 1, 5, 10 and 30 s, or of whole minutes up to a day.
    expect({ title, isPeriod: period % 60 === 0 && period <= 86_400 }).toEqual({ title, isPeriod: true })
    expect(metrics.length).toBeGreaterThan(0)
    for (const row of metrics) expect(isMetricRow(row)).toBe(true)
  }
})

/** An expression by itself; or namespace, name, pairs of a dimension's name and value, and at the end options. */
function isMetricRow(row: readonly unknown[]): boolean {
  const [first] = row
  if (typeof first === 'object' && first !== null)
    return row.length === 1 && 'expression' in first && SEARCHED.test(String(first.expression))
  const texts = row.filter((each) => typeof each === 'string')
  const options = row.slice(texts.length)
  return texts.length >= 2 && texts.length % 2 === 0 && options.length <= 1
}

/** Arithmetic takes a number and a list of time series, never two lists (CloudWatch User Guide: Using metric math). */
const SEARCHED = /^(?:100 \* )?SEARCH\('\{Capstan,(?:service|reason)\} MetricName="\w+"', '\w+', \d+\)$/

test('nothing is made but this, and all of it carries the tags of app and stage', () => {
  const kinds = production.resources.flatMap(({ type, custom }) => (custom ? [type.split(':').at(-1)] : []))
  expect([...new Set(kinds)].sort()).toEqual([
    ...['BucketObjectv2', 'Dashboard', 'EventRule', 'EventSourceMapping', 'EventTarget', 'Function'],
    ...['FunctionEventInvokeConfig', 'LogGroup', 'MetricAlarm', 'Permission', 'Queue', 'QueuePolicy'],
    ...['RandomBytes', 'Role', 'Table', 'Topic'],
  ])
  const tags = { 'sst:app': 'capstan', 'sst:stage': 'production' }
  expect(JSON.parse(production.config['aws:defaultTags'] ?? '')).toEqual({ tags })
  // None that would take the provider's place, which is what gives the tags.
  expect(production.resources.filter(({ type }) => type.startsWith('pulumi:providers:'))).toEqual([])
})

test('what a person is told at the end of a deployment is what the command line needs', () => {
  const { _protect, ...told } = production.outputs['pulumi:pulumi:Stack::capstan-production'] ?? {}
  expect(told).toMatchObject({
    CAPSTAN_LEDGER_TABLE: oneOf(production, 'Table', 'LedgerTable').name,
    CAPSTAN_DISCOVERY_QUEUE_URL: queueUrl('Discovery'),
    CAPSTAN_DEAD_LETTER_QUEUE_URL: queueUrl('DeadLetters'),
  })
})

test('a config that is wrong ends the deployment before anything is made, with the lines to change', async () => {
  const config = `import { defineConfig } from '@capstan/core/config.ts'

export default defineConfig({
  services: { 'prod/web': { track: 'semver:one', gaurd: 'auto' } },
  guard: { bake: 7 },
})
`
  const { message } = await evaluate('trial', { config }).then(
    () => new Error('It was deployed.'),
    (error: Error) => error,
  )
  expect(message).toContain('ended with 1 and made 0 resources')
  expect(message).toContain('Nothing was deployed.')
  expect(message).toContain('capstan.config.ts:4:29: The entry "prod/web": "one" is not a range of versions;')
  expect(message).toContain(
    'capstan.config.ts:4:50: The entry "prod/web" has an unknown key "gaurd"; write guard.',
  )
  expect(message).toContain(
    'capstan.config.ts:5:12: The config file: guard.bake cannot be 7; write a duration',
  )
}, 60_000)
