/** A service of real programs behind a load balancer is updated while requests come without a pause: none fails. */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { ECS } from '@aws-sdk/client-ecs'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'
import { packDirectory } from '@capstan/cli/image/pack.ts'
import { pushImage } from '@capstan/cli/image/push.ts'
import { type TestEngine, testEngine } from '@capstan/drydock/testing.ts'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../fixtures/program.ts'

/** Answers with its version, a little later; what is under way when it is told to end is still answered. */
const programOf = (version: string) => `
import { createServer } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
const server = createServer(async (_, reply) => {
  await wait(5)
  reply.end('${version}')
})
server.listen(8080)
process.on('SIGTERM', () => server.close())
`

async function pushVersion(drydock: TestEngine, version: string) {
  const folder = await mkdtemp(join(tmpdir(), 'drydock-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'package.json'), JSON.stringify({ scripts: { start: 'node main.mjs' } }))
  await writeFile(join(folder, 'main.mjs'), programOf(version))
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch
  const image = await packDirectory(folder, { platform: `linux/${architecture}` })
  return pushImage(drydock.config, 'web', version, image)
}

/** A load balancer, and the group that it forwards to; drained in a second. */
async function putLoadBalancer(elb: ElasticLoadBalancingV2) {
  const { LoadBalancers = [] } = await elb.createLoadBalancer({
    Name: 'web',
    Subnets: ['subnet-1', 'subnet-2'],
  })
  const { TargetGroups = [] } = await elb.createTargetGroup({
    ...{ Name: 'web', Protocol: 'HTTP', Port: 80, VpcId: 'vpc-1', TargetType: 'ip' },
    ...{ HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 2 },
  })
  const [{ LoadBalancerArn, DNSName = '' } = {}] = LoadBalancers
  const [{ TargetGroupArn = '' } = {}] = TargetGroups
  await elb.createListener({
    ...{ LoadBalancerArn, Protocol: 'HTTP', Port: 80 },
    DefaultActions: [{ Type: 'forward', TargetGroupArn }],
  })
  const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: '1' }]
  await elb.modifyTargetGroupAttributes({ TargetGroupArn, Attributes })
  return { DNSName, TargetGroupArn }
}

async function ask(agent: Agent, endpoint: string, host: string): Promise<string> {
  const outgoing = request(endpoint, { agent, headers: { host } }).end()
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
  return `${answer.statusCode} ${await text(answer)}`
}

/** Asks without a pause, from several connections, until it is stopped. */
function load(endpoint: string, host: string) {
  const agent = new Agent({ keepAlive: true })
  const seen: Record<string, number> = {}
  let isOver = false
  const client = async () => {
    while (!isOver) {
      const answer = await ask(agent, endpoint, host).catch((error: Error) => error.message)
      seen[answer] = (seen[answer] ?? 0) + 1
    }
  }
  const clients = Array.from({ length: 4 }, client)
  return {
    seen,
    async stop() {
      isOver = true
      await Promise.all(clients)
      agent.destroy()
    },
  }
}

test('a rolling update under load answers every request', { timeout: 90_000 }, async () => {
  const drydock = await testEngine({ clock: 'system', tasks: 'process' })
  const ecs = new ECS(drydock.config)
  const elb = new ElasticLoadBalancingV2(drydock.config)
  onTestFinished(async () => {
    ecs.destroy()
    elb.destroy()
    await drydock.close()
  })
  const { DNSName, TargetGroupArn } = await putLoadBalancer(elb)
  await ecs.createCluster({})
  const register = async (version: string) => {
    const { reference } = await pushVersion(drydock, version)
    await ecs.registerTaskDefinition({
      ...{ family: 'web', networkMode: 'awsvpc', requiresCompatibilities: ['FARGATE'] },
      ...{ cpu: '256', memory: '512' },
      containerDefinitions: [{ name: 'app', image: reference, portMappings: [{ containerPort: 8080 }] }],
    })
  }
  const settled = () =>
    until('the service is steady', async () => {
      const { services = [] } = await ecs.describeServices({ services: ['web'] })
      const { taskArns } = await ecs.listTasks({ desiredStatus: 'STOPPED' })
      const { tasks = [] } = taskArns?.length ? await ecs.describeTasks({ tasks: taskArns }) : {}
      const [deployment, ...old] = services[0]?.deployments ?? []
      const isGone = tasks.every(({ lastStatus }) => lastStatus === 'STOPPED')
      return (deployment?.rolloutState === 'COMPLETED' && !old.length && isGone) || undefined
    })
  await register('1.0.0')
  await ecs.createService({
    ...{ serviceName: 'web', taskDefinition: 'web', desiredCount: 2 },
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
    loadBalancers: [{ targetGroupArn: TargetGroupArn, containerName: 'app', containerPort: 8080 }],
    deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 150 },
  })
  await settled()
  const { seen, stop } = load(drydock.endpoint, DNSName)
  await register('1.1.0')
  await ecs.updateService({ service: 'web', taskDefinition: 'web' })
  await settled()
  await stop()
  expect(Object.keys(seen).sort()).toEqual(['200 1.0.0', '200 1.1.0'])
  expect(drydock.faults).toEqual([])
})
