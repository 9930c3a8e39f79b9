/** Roles that clients take on by STS, and for how long. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ECS } from '@aws-sdk/client-ecs'
import { IAM } from '@aws-sdk/client-iam'
import { STS } from '@aws-sdk/client-sts'
import { type TestEngine, testEngine } from '@capstan/drydock/testing.ts'
import { expect, onTestFinished, test } from 'vitest'

const RoleArn = 'arn:aws:iam::123456789012:role/reader'
const document = (statement: object) =>
  JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', ...statement } })

async function withReader(
  trust: object = { Principal: { AWS: '123456789012' } },
  more: object = {},
): Promise<TestEngine> {
  const drydock = await testEngine({ iam: 'enforce', ...more })
  const iam = new IAM(drydock.config)
  await iam.createRole({
    RoleName: 'reader',
    AssumeRolePolicyDocument: document({ Action: 'sts:AssumeRole', ...trust }),
  })
  const PolicyDocument = document({ Action: 'ecs:List*', Resource: '*' })
  await iam.putRolePolicy({ RoleName: 'reader', PolicyName: 'read', PolicyDocument })
  return drydock
}

async function asReader({ config }: TestEngine, more: object = {}) {
  const { Credentials, AssumedRoleUser } = await new STS(config).assumeRole({
    RoleArn,
    RoleSessionName: 'ann',
    ...more,
  })
  const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = Credentials ?? {}
  const credentials = { accessKeyId, secretAccessKey, sessionToken: Credentials?.SessionToken ?? '' }
  return { client: { ...config, credentials }, Credentials, AssumedRoleUser }
}

test('a session may do what its role may, until it expires', async () => {
  await using drydock = await withReader()
  const { client, Credentials, AssumedRoleUser } = await asReader(drydock, { DurationSeconds: 900 })
  expect(Credentials?.AccessKeyId).toMatch(/^ASIA[A-Z0-9]{16}$/)
  expect(Credentials?.Expiration).toEqual(new Date('2026-01-01T00:15:00Z'))
  expect(AssumedRoleUser?.Arn).toBe('arn:aws:sts::123456789012:assumed-role/reader/ann')
  const ecs = new ECS(client)
  await expect(ecs.listClusters()).resolves.toMatchObject({ clusterArns: [] })
  await expect(ecs.createCluster()).rejects.toMatchObject({ name: 'AccessDeniedException' })
  await drydock.engine.advance('15m')
  await expect(ecs.listClusters()).rejects.toMatchObject({ name: 'ExpiredTokenException' })
  await expect(new STS(client).getCallerIdentity()).rejects.toMatchObject({
    name: 'ExpiredToken',
    $metadata: { httpStatusCode: 403 },
  })
  expect(drydock.faults).toEqual([])
})

test('a role lets on whom it trusts, under its conditions', async () => {
  const Condition = { StringEquals: { 'sts:ExternalId': 'secret' } }
  await using drydock = await withReader({ Principal: { AWS: '123456789012' }, Condition })
  const refusal = {
    name: 'AccessDenied',
    message:
      'User: arn:aws:iam::123456789012:root is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/reader',
    $metadata: { httpStatusCode: 403 },
  }
  await expect(asReader(drydock)).rejects.toMatchObject(refusal)
  await expect(asReader(drydock, { ExternalId: 'secret' })).resolves.toBeDefined()
  const nobody = asReader(drydock, { RoleArn: 'arn:aws:iam::123456789012:role/nobody' })
  await expect(nobody).rejects.toMatchObject({ name: 'AccessDenied' })
})

test('a session of a role in another account acts there', async () => {
  await using drydock = await withReader()
  const elsewhere = { accessKeyId: '210987654321', secretAccessKey: 'x' }
  const abroad = { ...drydock, config: { ...drydock.config, credentials: elsewhere } }
  await expect(asReader(abroad)).rejects.toMatchObject({ name: 'AccessDenied' })
  const PolicyDocument = document({
    Action: 'sts:AssumeRole',
    Principal: { AWS: 'arn:aws:iam::210987654321:root' },
  })
  await new IAM(drydock.config).updateAssumeRolePolicy({ RoleName: 'reader', PolicyDocument })
  const { client } = await asReader(abroad)
  await expect(new STS(client).getCallerIdentity()).resolves.toMatchObject({ Account: '123456789012' })
})

/** IAM User Guide, aws:PrincipalArn: of a session it is the role's, path and all. */
test('a role can be left to the roles of another account whose names begin so', async () => {
  const Condition = { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::210987654321:role/hub-reader-*' } }
  await using drydock = await withReader({ Principal: { AWS: 'arn:aws:iam::210987654321:root' }, Condition })
  const credentials = { accessKeyId: '210987654321', secretAccessKey: 'x' }
  const abroad = { ...drydock, config: { ...drydock.config, region: 'eu-west-1', credentials } }
  const iam = new IAM(abroad.config)
  const AssumeRolePolicyDocument = document({
    Action: 'sts:AssumeRole',
    Principal: { AWS: '210987654321' },
  })
  const PolicyDocument = document({ Action: 'sts:AssumeRole', Resource: RoleArn })
  const sessionOf = async (RoleName: string) => {
    const { Role } = await iam.createRole({ RoleName, AssumeRolePolicyDocument })
    await iam.putRolePolicy({ RoleName, PolicyName: 'read', PolicyDocument })
    const { client } = await asReader(abroad, { RoleArn: Role?.Arn })
    return { ...abroad, config: client }
  }
  const { client } = await asReader(await sessionOf('hub-reader-x1y2'))
  await expect(new STS(client).getCallerIdentity()).resolves.toMatchObject({
    Arn: 'arn:aws:sts::123456789012:assumed-role/reader/ann',
  })
  for (const nobody of [abroad, await sessionOf('hub-writer')])
    await expect(asReader(nobody)).rejects.toMatchObject({ name: 'AccessDenied' })
})

test.each<[string, object, string]>([
  ['longer than the role allows', { DurationSeconds: 7200 }, 'ValidationError'],
  ['shorter than any', { DurationSeconds: 60 }, 'ValidationError'],
  ['without a name', { RoleSessionName: 'a b' }, 'ValidationError'],
  ['with a policy of its own', { Policy: '{}' }, 'NotImplementedException'],
])('no session %s', async (_, more, name) => {
  await using drydock = await withReader()
  await expect(asReader(drydock, more)).rejects.toMatchObject({ name })
})

test('a session outlives a restart of an engine that keeps its state', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'sessions-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
  const before = await withReader(undefined, { dataDir })
  const { client } = await asReader(before)
  await before.close()
  await using after = await testEngine({ iam: 'enforce', dataDir })
  const ecs = new ECS({ ...client, endpoint: after.endpoint })
  await expect(ecs.listClusters()).resolves.toMatchObject({ clusterArns: [] })
  await expect(ecs.createCluster()).rejects.toMatchObject({ name: 'AccessDeniedException' })
})

test('a reset forgets roles, sessions and what was used', async () => {
  await using drydock = await withReader()
  const { client } = await asReader(drydock)
  await new ECS(client).listClusters()
  const usage = async () => (await fetch(`${drydock.endpoint}/_drydock/iam/usage`)).json()
  expect(await usage()).toEqual({ roles: { [RoleArn]: { 'ecs:ListClusters': { allowed: 1, denied: 0 } } } })
  await drydock.reset()
  expect(await usage()).toEqual({ roles: {} })
  await expect(new STS(client).getCallerIdentity()).resolves.toMatchObject({
    Arn: 'arn:aws:iam::123456789012:root',
  })
  expect(drydock.faults).toEqual([])
})
