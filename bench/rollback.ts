/**
 * From an alarm's transition to the rollback accepted by ECS, and the AWS calls in between, ledger included. Everything
 * is real: the alarm, its event, the door in Lambda with its own SDK. Only the tasks run no program.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch'
import {
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { parseEnvironment } from '@capstan/aws'
import { callerOf, createTableClient } from '@capstan/aws/clients.ts'
import { ledgerOf } from '@capstan/aws/ledger/ledger.ts'
import type { ServiceRecord } from '@capstan/core/view.ts'
import { checkout } from '../packages/cli/src/config-file.ts'
import { type CapstanOnDrydock, startCapstan } from '../packages/cli/src/dev/dev.ts'
import { createExample, EXAMPLE } from '../packages/cli/src/dev/example.ts'
import { packDirectory } from '../packages/cli/src/image/pack.ts'
import { pushImage } from '../packages/cli/src/image/push.ts'
import { until } from '../packages/cli/src/until.ts'
import { listenToCalls, tally } from './calls.ts'
import { type Measured, median } from './measure.ts'

const ROLLBACKS = 12
/** The first ones start the door's environment and fill its caches. */
const WARM_UP = 2
const ALARM = 'web-unhealthy'

interface Rollback {
  readonly milliseconds: number
  readonly calls: number
}

/** Measures rollbacks of deployments that are complete, one after another. */
export async function measureRollback(): Promise<Measured[]> {
  const program = await mkdtemp(join(tmpdir(), 'capstan-bench-'))
  const capstan = await startCapstan({ port: 0, tasks: 'simulated' }, join(checkout, 'capstan.config.ts'))
  try {
    await createExample(capstan.sdk, join(checkout, 'examples', 'web', 'v1'))
    const web = await watched(capstan, program)
    const all: Rollback[] = []
    while (all.length < ROLLBACKS) all.push(await rollBack(web, capstan))
    return resultsOf(all)
  } finally {
    await capstan.drydock.close()
    await rm(program, { recursive: true })
  }
}

function resultsOf(rollbacks: readonly Rollback[]): Measured[] {
  const warm = rollbacks.slice(WARM_UP)
  return [
    {
      what: 'alarm to UpdateService accepted, median',
      value: median(warm.map(({ milliseconds }) => milliseconds)),
      unit: 'ms',
      limit: 100,
    },
    { what: 'AWS calls per rollback', value: Math.max(...warm.map(({ calls }) => calls)), unit: 'calls' },
  ]
}

/** The example with an alarm on its target group, once its first image is verified. */
async function watched({ sdk }: CapstanOnDrydock, program: string) {
  const cloudwatch = new CloudWatchClient(sdk)
  const environment = parseEnvironment({ AWS_REGION: sdk.region, AWS_ENDPOINT_URL: sdk.endpoint })
  const caller = callerOf(environment, { credentials: async () => sdk.credentials })
  const ledger = ledgerOf(createTableClient(environment, {}, caller), environment.ledgerTable, {
    now: Date.now,
    newId: () => '',
  })
  let version = 0

  const recorded = (what: string, is: (record: ServiceRecord) => boolean) =>
    until(
      () => `the record says: ${what}`,
      async () => {
        const record = await ledger.getService(EXAMPLE)
        return record && is(record) ? record : undefined
      },
    )
  const setAlarm = (StateValue: 'OK' | 'ALARM') =>
    cloudwatch.send(
      new SetAlarmStateCommand({ AlarmName: ALARM, StateValue, StateReason: `It is ${StateValue}.` }),
    )
  const push = async () => {
    version++
    await writeFile(join(program, 'server.js'), `// version ${version}`)
    const image = await packDirectory(program, { platform: 'linux/amd64' })
    return pushImage(sdk, EXAMPLE.repository, `1.0.${version}`, image)
  }

  await writeFile(join(program, 'package.json'), JSON.stringify({ scripts: { start: 'node server.js' } }))
  const elb = new ElasticLoadBalancingV2Client(sdk)
  const { TargetGroups: [group] = [] } = await elb.send(new DescribeTargetGroupsCommand({}))
  const { TargetGroupArn } = group ?? {}
  await putAlarm(cloudwatch, {
    TargetGroup: TargetGroupArn?.split(':').at(-1),
    LoadBalancer: group?.LoadBalancerArns?.[0]?.split(':loadbalancer/')[1],
  })
  await until(
    () => 'the first image is verified',
    async () => {
      await sweep(new LambdaClient(sdk))
      return (await ledger.getService(EXAMPLE))?.good?.length
    },
  )
  return { push, recorded, setAlarm }
}

/** One push, its deployment, its alarm, and the way back. */
async function rollBack(
  { push, recorded, setAlarm }: Awaited<ReturnType<typeof watched>>,
  { drydock }: CapstanOnDrydock,
): Promise<Rollback> {
  const { digest } = await push()
  await recorded('the new image is complete', ({ inFlight, known }) => {
    return !inFlight && Object.values(known?.images ?? {}).some((image) => image.digest === digest)
  })
  await drydock.engine.settle()
  using calls = listenToCalls()
  const accepted = calls.next('UpdateService')
  await setAlarm('ALARM')
  const { at } = await accepted
  const [first, ...others] = calls.all
  if (first?.operation !== 'SetAlarmState')
    throw new Error(`Something else was going on: ${tally(calls.all)}`)
  const measured = { milliseconds: at - first.at, calls: others.findIndex((call) => call.at === at) + 1 }
  await recorded('it was rolled back', ({ inFlight, rolledBack }) => !inFlight && rolledBack !== undefined)
  await setAlarm('OK')
  await recorded('the trouble is over', ({ trouble }) => trouble === undefined)
  return measured
}

/** An alarm that is about the service alone, and that keeps the state it is given. */
async function putAlarm(
  cloudwatch: CloudWatchClient,
  dimensions: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: ALARM,
      Namespace: 'bench',
      MetricName: 'Errors',
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'ignore',
    }),
  )
  await cloudwatch.send(new SetAlarmStateCommand({ AlarmName: ALARM, StateValue: 'OK', StateReason: 'New.' }))
}

async function sweep(lambda: LambdaClient): Promise<void> {
  const event = { id: 'sweep', source: 'aws.events', 'detail-type': 'Scheduled Event' }
  const Payload = Buffer.from(JSON.stringify(event))
  await lambda.send(new InvokeCommand({ FunctionName: 'capstan-reconcile', Payload }))
}
