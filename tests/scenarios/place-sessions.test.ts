/** In whose name another place is called: by its role, for as long as a session lasts. */
import { IAM } from '@aws-sdk/client-iam'
import { STS } from '@aws-sdk/client-sts'
import { parseEnvironment } from '@capstan/aws'
import { callersOf } from '@capstan/aws/callers.ts'
import { type TestEngine, testEngine } from '@capstan/drydock/testing.ts'
import { expect, test } from 'vitest'

const eu = { name: 'eu', account: '222222222222', region: 'eu-west-1' }
const RoleName = 'capstan-spoke-eu-west-1-image-pushed'
const home = { accessKeyId: '123456789012', secretAccessKey: 'x' }

/** Callers of the door `image-pushed` at home, and what the place's own account may do. */
function start(drydock: TestEngine) {
  const environment = parseEnvironment({
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: drydock.endpoint,
    CAPSTAN_PLACE_ROLE: 'capstan-spoke-{region}-image-pushed',
  })
  const now = () => drydock.engine.clock.now()
  const credentials = { accessKeyId: eu.account, secretAccessKey: 'x' }
  return {
    callers: callersOf(environment, { credentials: async () => home }, now),
    iam: new IAM({ ...drydock.config, region: eu.region, credentials }),
  }
}

const trust = (account: string) => {
  const Principal = { AWS: `arn:aws:iam::${account}:root` }
  const Statement = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal }
  return JSON.stringify({ Version: '2012-10-17', Statement })
}

test('a session is shared until five minutes before its end, and then begun anew', async () => {
  await using drydock = await testEngine({ iam: 'enforce' })
  const { callers, iam } = start(drydock)
  await iam.createRole({ RoleName, AssumeRolePolicyDocument: trust('123456789012') })
  const { credentials, region } = callers.at(eu)
  const [first, same] = await Promise.all([credentials(), credentials()])
  expect(same).toBe(first)
  expect(await region()).toBe('eu-west-1')
  const caller = new STS({ ...drydock.config, credentials: first })
  expect(await caller.getCallerIdentity({})).toMatchObject({
    Arn: `arn:aws:sts::222222222222:assumed-role/${RoleName}/capstan-image-pushed`,
  })
  await drydock.engine.advance('54m')
  expect(await callers.at(eu).credentials()).toBe(first)
  await drydock.engine.advance('2m')
  const [next, too] = await Promise.all([credentials(), credentials()])
  expect(next.accessKeyId).not.toBe(first.accessKeyId)
  expect(too).toBe(next)
  expect(drydock.faults).toEqual([])
})

test('who is not let in is told by which role, and let in as soon as it trusts him', async () => {
  await using drydock = await testEngine({ iam: 'enforce' })
  const { callers, iam } = start(drydock)
  await iam.createRole({ RoleName, AssumeRolePolicyDocument: trust('444444444444') })
  const { credentials } = callers.at(eu)
  await expect(credentials()).rejects.toMatchObject({
    code: 'DENIED',
    message: expect.stringContaining(`arn:aws:iam::222222222222:role/${RoleName}`),
  })
  await iam.updateAssumeRolePolicy({ RoleName, PolicyDocument: trust('123456789012') })
  expect((await credentials()).sessionToken).toBeDefined()
})

test('home is who calls, and calls as himself', async () => {
  await using drydock = await testEngine({ iam: 'enforce' })
  const { callers } = start(drydock)
  expect(await callers.findHome()).toEqual({ account: '123456789012', region: 'us-east-1' })
  expect(await callers.at({ name: 'home', ...(await callers.findHome()) }).credentials()).toBe(home)
})
