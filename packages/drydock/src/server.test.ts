import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import {
  CreateClusterCommand,
  CreateServiceCommand,
  ECSClient,
  ListClustersCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { startDrydock } from './server.ts'
import { type TestEngine, testEngine } from './testing.ts'

const table = {
  TableName: 'things',
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' as const }],
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' as const }],
  BillingMode: 'PAY_PER_REQUEST' as const,
}

test('state and tables outlive the engine in a data folder, and in no other', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'kept-'))
  try {
    {
      await using drydock = await testEngine({ dataDir })
      await new ECSClient(drydock.config).send(new CreateClusterCommand({ clusterName: 'kept' }))
      await new DynamoDBClient(drydock.config).send(new CreateTableCommand(table))
    }
    expect(readdirSync(dataDir)).not.toContain('lock')
    await using again = await testEngine({ dataDir })
    const { clusterArns } = await new ECSClient(again.config).send(new ListClustersCommand())
    expect(clusterArns).toEqual(['arn:aws:ecs:us-east-1:123456789012:cluster/kept'])
    const { TableNames } = await new DynamoDBClient(again.config).send(new ListTablesCommand())
    expect(TableNames).toEqual(['things'])
    await using other = await testEngine()
    expect((await new ECSClient(other.config).send(new ListClustersCommand())).clusterArns).toEqual([])
  } finally {
    rmSync(dataDir, { recursive: true })
  }
})

test.each(['/_drydock/reset', '/moto-api/reset'])('%s forgets everything', async (path) => {
  await using drydock = await testEngine()
  const ecs = new ECSClient(drydock.config)
  const dynamodb = new DynamoDBClient(drydock.config)
  await ecs.send(new CreateClusterCommand({ clusterName: 'a' }))
  await dynamodb.send(new CreateTableCommand(table))
  const response = await fetch(`${drydock.endpoint}${path}`, { method: 'POST' })
  expect(response.status).toBe(200)
  expect((await ecs.send(new ListClustersCommand())).clusterArns).toEqual([])
  expect((await dynamodb.send(new ListTablesCommand())).TableNames).toEqual([])
  expect(drydock.faults).toEqual([])
})

test('accounts and regions do not see each other', async () => {
  await using drydock = await testEngine()
  await new ECSClient(drydock.config).send(new CreateClusterCommand({ clusterName: 'a' }))
  const credentials = { accessKeyId: '210987654321', secretAccessKey: 'x' }
  for (const other of [{ region: 'eu-west-1' }, { credentials }]) {
    const ecs = new ECSClient({ ...drydock.config, ...other })
    expect((await ecs.send(new ListClustersCommand())).clusterArns).toEqual([])
  }
})

test('health says what is loaded, which is nothing before the first call', async () => {
  await using drydock = await testEngine()
  const health = async () => (await fetch(`${drydock.endpoint}/_drydock/health`)).json()
  expect(await health()).toEqual({
    status: 'ok',
    version: expect.any(String),
    tasks: 'simulated',
    services: [],
  })
  await new ECSClient(drydock.config).send(new ListClustersCommand())
  expect(await health()).toMatchObject({ services: ['ecs'] })
})

test('the state is shown as plain data', async () => {
  await using drydock = await testEngine()
  await new ECSClient(drydock.config).send(new CreateClusterCommand({ clusterName: 'a' }))
  const state: unknown = await (await fetch(`${drydock.endpoint}/_drydock/state`)).json()
  expect(state).toMatchObject([{ name: 'ecs', state: { clusters: { a: { status: 'ACTIVE' } } } }])
})

test('a port in use is refused with a sentence that says what to do', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  await expect(startDrydock({ port, tasks: 'simulated' })).rejects.toThrow(
    `Port ${port} of 127.0.0.1 is in use. Stop what listens there, or choose another port (0 for any free one).`,
  )
  other.close()
})

test('a second engine on the same data folder is refused while the first one runs', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'kept-'))
  const first = await testEngine({ dataDir })
  await expect(testEngine({ dataDir })).rejects.toThrow(
    /uses the data folder .* Stop it or choose another folder/,
  )
  await first.close()
  await (await testEngine({ dataDir })).close()
  rmSync(dataDir, { recursive: true })
})

const definition = { family: 'app', containerDefinitions: [{ name: 'app', image: 'app', memory: 64 }] }

/** A service of two tasks, both running. */
async function runService(drydock: TestEngine): Promise<ECSClient> {
  const ecs = new ECSClient(drydock.config)
  await ecs.send(new CreateClusterCommand({ clusterName: 'default' }))
  await ecs.send(new RegisterTaskDefinitionCommand(definition))
  const service = { serviceName: 'app', taskDefinition: 'app', desiredCount: 2 }
  await ecs.send(new CreateServiceCommand(service))
  await drydock.engine.advance('2m')
  return ecs
}

const runningTasks = async (ecs: ECSClient) =>
  (await ecs.send(new ListTasksCommand({ serviceName: 'app', desiredStatus: 'RUNNING' }))).taskArns ?? []

test('a service has running tasks again after a restart, and none of the tasks of before', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'kept-'))
  const first = await testEngine({ dataDir })
  const before = await runningTasks(await runService(first))
  await first.close()
  const second = await testEngine({ dataDir })
  await second.engine.advance('5m')
  const after = await runningTasks(new ECSClient(second.config))
  expect([before.length, after.length]).toEqual([2, 2])
  expect(after.filter((arn) => before.includes(arn))).toEqual([])
  expect([...first.faults, ...second.faults]).toEqual([])
  await second.close()
  rmSync(dataDir, { recursive: true })
})

test('a reset ends running tasks, and what they still had to do', async () => {
  await using drydock = await testEngine()
  const ecs = await runService(drydock)
  await Promise.all([drydock.reset(), drydock.reset()])
  await drydock.engine.advance('10m')
  expect((await ecs.send(new ListClustersCommand())).clusterArns).toEqual([])
  expect(drydock.engine.snapshot().map(({ name }) => name)).toEqual(['ecs'])
  expect(drydock.faults).toEqual([])
})

test('a request that comes in during a reset is answered after it', async () => {
  await using drydock = await testEngine()
  const ecs = await runService(drydock)
  const reset = drydock.reset()
  const { clusterArns } = await ecs.send(new ListClustersCommand())
  await reset
  expect(clusterArns).toEqual([])
})

test.each<[string, Record<string, string>, number]>([
  ['a program', {}, 200],
  ["the engine's own page", { 'sec-fetch-site': 'same-origin' }, 200],
  ['a page of another site', { 'sec-fetch-site': 'cross-site' }, 403],
  ['a form of another site', { origin: 'https://evil.example' }, 403],
])('%s may or may not call AWS', async (_label, headers, status) => {
  await using drydock = await testEngine()
  const body = new URLSearchParams({ Action: 'GetCallerIdentity', Version: '2011-06-15' })
  const aws = await fetch(drydock.endpoint, { method: 'POST', headers, body })
  expect(aws.status).toBe(status)
  const registry = await fetch(`${drydock.endpoint}/v2/`, { headers })
  expect(registry.status === 403).toBe(status === 403)
})
