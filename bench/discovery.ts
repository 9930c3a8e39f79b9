/**
 * From a task's RUNNING, as ECS dates it, to its record answered by DNS, and the AWS calls in between, ledger included; then
 * what 100 tasks that start together cost, and 5,000. All is real but the tasks' programs: events, queue, functions in
 * Lambda with their own SDK, Route 53, the DNS server.
 */
import { Resolver } from 'node:dns/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeTasksCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
} from '@aws-sdk/client-ecs'
import { Route53 } from '@aws-sdk/client-route-53'
import { rules } from '../functions/rules.ts'
import { checkout } from '../packages/cli/src/config-file.ts'
import { type CapstanOnDrydock, startCapstan } from '../packages/cli/src/dev/dev.ts'
import { type Calls, listenToCalls, tally } from './calls.ts'
import { type Measured, median } from './measure.ts'

const ZONE = 'example.com'
const TASKS = 45
/** The first ones start the function's environments and fill their caches. */
const WARM_UP = 10
/** Route 53 takes so many record sets of one name and type, so each service has a name of its own. */
const TASKS_OF_SERVICE = 100
const ASK_EVERY_MS = 1
const LOOK_EVERY_MS = 200
const GIVE_UP_AFTER_MS = 300_000
const network = { awsvpcConfiguration: { subnets: ['subnet-12345678'] } }

interface Stage extends CapstanOnDrydock {
  readonly ecs: ECSClient
  readonly route53: Route53
  readonly zoneId: string
  readonly resolver: Resolver
}

/** Measures single tasks one after another, then services of 100. */
export async function measureDiscovery(): Promise<Measured[]> {
  const single = await onStage(measureSingles)
  const small = await onStage((stage, calls) => measureStorm(stage, calls, 1))
  const big = await onStage((stage, calls) => measureStorm(stage, calls, 50))
  return [...single, ...small, ...big]
}

async function onStage(measure: (stage: Stage, calls: Calls) => Promise<Measured[]>): Promise<Measured[]> {
  const config = join(checkout, 'capstan.config.ts')
  const capstan = await startCapstan({ port: 0, dns: { port: 0 }, tasks: 'simulated' }, config)
  const { drydock, sdk } = capstan
  using calls = listenToCalls()
  try {
    const ecs = new ECSClient(sdk)
    const route53 = new Route53(sdk)
    const { HostedZone } = await route53.createHostedZone({ Name: ZONE, CallerReference: 'bench' })
    const resolver = new Resolver({ timeout: 500, tries: 1 })
    resolver.setServers([drydock.dns ?? ''])
    await ecs.send(new CreateClusterCommand({}))
    return await measure({ ...capstan, ecs, route53, zoneId: HostedZone?.Id ?? '', resolver }, calls)
  } finally {
    await drydock.close()
  }
}

async function define({ ecs }: Stage, family: string, tags: Readonly<Record<string, string>>) {
  await ecs.send(
    new RegisterTaskDefinitionCommand({
      family,
      networkMode: 'awsvpc',
      containerDefinitions: [{ name: 'app', image: 'app:1', memory: 128 }],
      tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    }),
  )
}

/** One task after another, each with a name of its own that is asked for until it is answered. */
async function measureSingles(stage: Stage, calls: Calls): Promise<Measured[]> {
  await define(stage, 'worker', { 'capstan:dns': `worker.${ZONE}`, 'capstan:dns-per-task': 'true' })
  const found: { readonly milliseconds: number; readonly calls: number }[] = []
  let last = ''
  for (let task = 0; task < TASKS; task++) {
    const { answeredAt, startedAt } = await runOne(stage)
    await stage.drydock.engine.settle()
    const own = calls.all.filter(({ at }) => at >= startedAt)
    last = tally(own)
    found.push({ milliseconds: answeredAt - startedAt, calls: own.length })
    await wait(LOOK_EVERY_MS) // what goes on after the answer is none of the next one's
  }
  console.error(`The calls for the last task: ${last}`)
  const warm = found.slice(WARM_UP).map(({ milliseconds }) => milliseconds)
  const batchWindow = rules.flatMap((rule) =>
    'pattern' in rule && rule.queue ? [rule.queue.windowSeconds] : [],
  )
  const what = `RUNNING to answered by DNS, batch window ${batchWindow[0]} s`
  const sorted = warm.toSorted((a, b) => a - b)
  const p95 = sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Number.NaN
  return [
    { what: `${what}, median of ${warm.length}`, value: median(warm), unit: 'ms', limit: 300 },
    { what: `${what}, p95`, value: p95, unit: 'ms' },
    {
      what: 'AWS calls until it is answered, median',
      value: median(found.slice(WARM_UP).map((each) => each.calls)),
      unit: 'calls',
    },
  ]
}

async function runOne({ ecs, resolver }: Stage) {
  const { tasks = [] } = await ecs.send(
    new RunTaskCommand({ taskDefinition: 'worker', networkConfiguration: network }),
  )
  const taskArn = tasks[0]?.taskArn ?? ''
  const name = `${taskArn.split('/').at(-1)}.worker.${ZONE}`
  const deadline = Date.now() + GIVE_UP_AFTER_MS
  while (!(await resolver.resolve4(name).catch(() => []))[0]) {
    if (Date.now() > deadline) throw new Error(`${name} was never answered`)
    await wait(ASK_EVERY_MS)
  }
  const answeredAt = performance.timeOrigin + performance.now()
  const described = await ecs.send(new DescribeTasksCommand({ tasks: [taskArn] }))
  return { answeredAt, startedAt: described.tasks?.[0]?.startedAt?.getTime() ?? Number.NaN }
}

/** Services that start at once, until the zone has a record for each task. */
async function measureStorm(stage: Stage, calls: Calls, services: number): Promise<Measured[]> {
  const tasks = services * TASKS_OF_SERVICE
  const names = Array.from({ length: services }, (_, index) => `app-${index}`)
  for (const name of names) await define(stage, name, {})
  const before = calls.all.length
  const started = performance.now()
  await Promise.all(names.map((name) => createService(stage, name)))
  let own = names.length
  for (; (await countRecords(stage)) < tasks; own++) {
    if (performance.now() - started > GIVE_UP_AFTER_MS)
      throw new Error(`Not all of ${tasks} tasks were found`)
    await wait(LOOK_EVERY_MS)
  }
  const milliseconds = performance.now() - started
  const made = calls.all.slice(before)
  console.error(`The calls for ${tasks} tasks: ${tally(made)}`)
  const writes = made.filter(({ service, method }) => service === 'route53' && method === 'POST').length
  return [
    { what: `${tasks} tasks at once: until all are in the zone`, value: milliseconds, unit: 'ms' },
    { what: `${tasks} tasks at once: AWS calls per task`, value: (made.length - own) / tasks, unit: 'calls' },
    { what: `${tasks} tasks at once: change batches`, value: writes, unit: 'calls' },
  ]
}

async function createService({ ecs }: Stage, name: string): Promise<void> {
  await ecs.send(
    new CreateServiceCommand({
      serviceName: name,
      taskDefinition: name,
      desiredCount: TASKS_OF_SERVICE,
      networkConfiguration: network,
      tags: [{ key: 'capstan:dns', value: `${name}.${ZONE}` }],
    }),
  )
}

/** Of tasks; the zone has an NS and an SOA record of its own. */
async function countRecords({ route53, zoneId }: Stage): Promise<number> {
  const { HostedZone } = await route53.getHostedZone({ Id: zoneId })
  return (HostedZone?.ResourceRecordSetCount ?? 0) - 2
}
