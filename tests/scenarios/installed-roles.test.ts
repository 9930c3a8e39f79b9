/** The roles that `capstan dev` installs: what doors do is allowed. That nothing else is, tests/sst plays with those of sst. */
import { join } from 'node:path'
import { ECS } from '@aws-sdk/client-ecs'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { checkout } from '@capstan/cli/config-file.ts'
import { type CapstanOnDrydock, startCapstan } from '@capstan/cli/dev/dev.ts'
import { packDirectory } from '@capstan/cli/image/pack.ts'
import { pushImage } from '@capstan/cli/image/push.ts'
import { until } from '@capstan/cli/until.ts'
import { expect, onTestFinished, test } from 'vitest'

async function stage(): Promise<CapstanOnDrydock> {
  const options = { port: 0, tasks: 'simulated', iam: 'enforce' } as const
  const capstan = await startCapstan(options, join(checkout, 'capstan.config.ts'))
  onTestFinished(() => capstan.drydock.close())
  return capstan
}

type Usage = Record<string, Record<string, { allowed: number; denied: number }>>

/** What each door's role was allowed and denied, by the door. */
async function usage({ drydock }: CapstanOnDrydock): Promise<Usage> {
  const { roles } = (await (await fetch(`${drydock.endpoint}/_drydock/iam/usage`)).json()) as { roles: Usage }
  return Object.fromEntries(
    Object.entries(roles).map(([arn, used]) => [arn.replace(/.*\/capstan-/, ''), used]),
  )
}

const deniedOf = (used: Usage) =>
  Object.entries(used).flatMap(([door, actions]) =>
    Object.entries(actions).flatMap(([action, { denied }]) => (denied ? [`${door} ${action}`] : [])),
  )

async function sweep({ sdk }: CapstanOnDrydock, door: string) {
  const Payload = Buffer.from(
    JSON.stringify({ id: '1', source: 'aws.events', 'detail-type': 'Scheduled Event' }),
  )
  return new LambdaClient(sdk).send(new InvokeCommand({ FunctionName: `capstan-${door}`, Payload }))
}

async function push({ sdk }: CapstanOnDrydock, tag: string): Promise<string> {
  const image = await packDirectory(join(checkout, 'examples', 'web', tag === '1.0.0' ? 'v1' : 'v2'), {
    platform: 'linux/amd64',
  })
  return (await pushImage(sdk, 'web', tag, image)).reference
}

test('a pushed image is deployed and every sweep succeeds, with the permissions that the rules name', async () => {
  const capstan = await stage()
  const ecs = new ECS(capstan.sdk)
  const image = await push(capstan, '1.0.0')
  await ecs.createCluster({})
  await ecs.registerTaskDefinition({
    ...{ family: 'web', networkMode: 'awsvpc' },
    executionRoleArn: 'arn:aws:iam::123456789012:role/pull',
    containerDefinitions: [{ name: 'web', image, memory: 128 }],
  })
  await ecs.createService({
    ...{ serviceName: 'web', taskDefinition: 'web', desiredCount: 1 },
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-12345678'] } },
    tags: [{ key: 'capstan:track', value: 'semver:1.x' }],
  })
  const completed = async (revision: number) => {
    const { services } = await ecs.describeServices({ services: ['web'] })
    const [deployment] = services?.[0]?.deployments ?? []
    const isIt = deployment?.taskDefinition?.endsWith(`:${revision}`)
    return (isIt && deployment?.rolloutState === 'COMPLETED') || undefined
  }
  await until(
    () => 'the service is steady',
    () => completed(1),
  )
  await push(capstan, '1.1.0')
  await until(
    () => 'the pushed image is deployed',
    () => completed(2),
  )
  for (const door of ['reconcile', 'reconcile-discovery'])
    expect((await sweep(capstan, door)).FunctionError).toBeUndefined()
  const used = await usage(capstan)
  expect(deniedOf(used)).toEqual([])
  const passed = Object.values(used).map((actions) => actions['iam:PassRole']?.allowed ?? 0)
  expect(Math.max(...passed)).toBeGreaterThan(0)
})
