/** Tasks that lose their host or their Spot capacity: that says nothing about the image, and nothing is rolled back. */
import {
  ListTasksCommand,
  PutClusterCapacityProvidersCommand,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { type Guarded, guardedWeb, listen } from './guarded.ts'

/** Takes its host from the only task of the service. */
async function interrupt(fleet: Guarded, cause: 'spot' | 'host'): Promise<void> {
  const { taskArns = [] } = await fleet.ecs.send(new ListTasksCommand({ serviceName: 'web' }))
  const address = `${fleet.engine.endpoint}/_drydock/tasks/${taskArns[0]}/interrupt`
  const { status } = await fetch(address, { method: 'POST', body: JSON.stringify({ cause }) })
  expect(status).toBe(200)
}

async function useSpot(fleet: Guarded): Promise<void> {
  await fleet.ecs.send(
    new PutClusterCapacityProvidersCommand({
      cluster: 'default',
      capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
      defaultCapacityProviderStrategy: [],
    }),
  )
  const { taskDefinition } = await fleet.ecs.send(
    new RegisterTaskDefinitionCommand({
      ...{ family: 'web', networkMode: 'awsvpc', requiresCompatibilities: ['FARGATE'] },
      ...{ cpu: '256', memory: '512' },
      containerDefinitions: [{ name: 'app', image: `${fleet.uri}:1.0.0` }],
    }),
  )
  await fleet.ecs.send(
    new UpdateServiceCommand({
      ...{ service: 'web', taskDefinition: taskDefinition?.taskDefinitionArn },
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-12345678'] } },
      capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }],
    }),
  )
  await fleet.settle()
}

test.each(['spot', 'host'] as const)(
  'tasks that lose their %s again and again roll nothing back',
  async (cause) => {
    await using fleet = await guardedWeb()
    if (cause === 'spot') await useSpot(fleet)
    const own = await listen(fleet)
    const digest = await fleet.push('web', '1.1.0')
    await fleet.deliverEvents()
    await fleet.advance('20s')
    await fleet.deliverEvents()
    for (let loss = 0; loss < 5; loss++) {
      await interrupt(fleet, cause)
      // Now none of its tasks runs; a moment later the next one does.
      await fleet.sweep()
      await fleet.advance('20s')
      await fleet.deliverEvents()
    }
    const { reasons } = await fleet.story('web')
    expect(reasons).toContain('hold infrastructure')
    expect(reasons.filter((reason) => reason.startsWith('roll-back'))).toEqual([])
    await fleet.settle()
    const { record } = await fleet.story('web')
    expect((await fleet.serviceNow('web')).images).toEqual({ app: `${fleet.uri}@${digest}` })
    expect(record).not.toHaveProperty('trouble')
    expect(record?.quarantine).toEqual({})
    expect(record?.good?.[0]?.images.app?.digest).toBe(digest)
    expect(await own.types()).not.toContain('Capstan Deployment Rolled Back')
    expect(fleet.engine.faults).toEqual([])
  },
)
