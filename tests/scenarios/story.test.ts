/**
 * The story of `npm run demo` on the virtual clock: a good image is verified, one that answers with errors is hauled
 * back by its alarm, one that never starts by ECS itself, and each word of it is in the ledger.
 */
import { CreateServiceCommand, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs'
import { createBalancer } from '@capstan/cli/dev/example-balancer.ts'
import { expect, test } from 'vitest'
import { Fleet } from './fleet.ts'

const SCOPE = { accountId: '123456789012', region: 'us-east-1' }

/** The demo's service, of simulated tasks, behind its load balancer. */
async function startStory() {
  const fleet = await Fleet.start()
  const uri = await fleet.createRepository('web')
  const first = await fleet.push('web', '1.0.0')
  const { targetGroupArn } = await createBalancer(fleet.engine.config)
  const definition = {
    ...{ name: 'app', image: `${uri}:1.0.0`, memory: 128 },
    portMappings: [{ containerPort: 8080 }],
  }
  const containerDefinitions = [definition]
  await fleet.ecs.send(
    new RegisterTaskDefinitionCommand({ family: 'web', networkMode: 'awsvpc', containerDefinitions }),
  )
  await fleet.ecs.send(
    new CreateServiceCommand({
      ...{ serviceName: 'web', taskDefinition: 'web', desiredCount: 2 },
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-12345678'] } },
      loadBalancers: [{ targetGroupArn, containerName: 'app', containerPort: 8080 }],
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
      tags: Object.entries({ 'capstan:track': 'semver:1.x', 'capstan:bake': '5s' }).map(([key, value]) => ({
        ...{ key, value },
      })),
    }),
  )
  const TargetGroup = targetGroupArn.split(':').at(-1) ?? ''
  await fleet.settle()
  const { record } = await fleet.story('web')
  const LoadBalancer = record?.watches?.find((key) => key.startsWith('app/')) ?? ''
  return Object.assign(fleet, { uri, first, dimensions: { LoadBalancer, TargetGroup } })
}

type Story = Awaited<ReturnType<typeof startStory>>

/** Ten seconds in which visitors get so many errors among a hundred answers, as the load balancer measures them. */
async function visit(story: Story, errors: number): Promise<void> {
  const { dimensions } = story
  const count = (name: string, value: number) => ({
    ...{ name, dimensions, at: story.now, unit: 'Count' as const },
    samples: [{ value, count: 1 }],
  })
  const metrics = [
    count('RequestCount', 100),
    ...(errors ? [count('HTTPCode_Target_5XX_Count', errors)] : []),
  ]
  await story.advance('10s')
  story.engine.engine.report('cloudwatch', SCOPE, {
    kind: 'metrics',
    namespace: 'AWS/ApplicationELB',
    metrics,
  })
  await story.deliverEvents()
}

const imageOf = async (story: Story) => (await story.serviceNow('web')).images.app

test('good, bad and broken: the service always ends on what was verified', async () => {
  await using story = await startStory()
  const good = await story.push('web', '1.1.0')
  await story.settle()
  const verified = (await story.story('web')).record?.good?.map(({ images }) => images.app?.digest)
  expect(verified).toEqual([good, story.first])

  const bad = await story.push('web', '1.2.0')
  await story.deliverEvents()
  for (const errors of [0, 0, 80, 90]) await visit(story, errors)
  expect(await imageOf(story)).toBe(`${story.uri}@${good}`)
  for (const errors of [30, 0, 0, 0]) await visit(story, errors)
  const { record } = await story.story('web')
  expect(record).toMatchObject({ hold: { reason: 'rolled-back' }, quarantine: { [bad]: expect.any(String) } })
  expect(record).not.toHaveProperty('trouble')

  const broken = await story.push('web', '1.3.0', { isBroken: true })
  await story.settle()
  expect(await imageOf(story)).toBe(`${story.uri}@${good}`)
  const { deployments, reasons, ...after } = await story.story('web')
  expect(Object.keys(after.record?.quarantine ?? {}).toSorted()).toEqual([bad, broken].toSorted())
  expect(deployments.map(({ reason, state }) => `${reason} ${state}`)).toEqual([
    'newer-image completed',
    'newer-image completed',
    'alarm completed',
    'newer-image failed',
  ])
  expect(reasons.filter((one) => /verify|roll-back|failed|clear/.test(one))).toEqual([
    'verify baked',
    'verify baked',
    'roll-back alarm',
    'clear recovered',
    'record failed',
    'verify baked',
  ])

  const better = await story.push('web', '1.3.1')
  await story.settle()
  expect(await imageOf(story)).toBe(`${story.uri}@${better}`)
  expect(await story.deadLetters()).toEqual([])
  expect(story.engine.faults).toEqual([])
})
