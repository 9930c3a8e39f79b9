/** Roles and policies by the SDK, the AWS CLI and boto3. */
import { fileURLToPath } from 'node:url'
import { IAM } from '@aws-sdk/client-iam'
import { type TestEngine, testEngine } from '@capstan/drydock/testing.ts'
import { expect, test } from 'vitest'
import { isInstalled, runClient } from '../sqs/programs.ts'

const policy = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement })
const TRUST = policy({
  Effect: 'Allow',
  Principal: { Service: 'lambda.amazonaws.com' },
  Action: 'sts:AssumeRole',
})
const LOOK = policy({ Effect: 'Allow', Action: 'ecs:Describe*', Resource: '*' })
const BASIC = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'

async function withRole(name = 'door'): Promise<{ drydock: TestEngine; iam: IAM }> {
  const drydock = await testEngine()
  const iam = new IAM(drydock.config)
  await iam.createRole({ RoleName: name, AssumeRolePolicyDocument: TRUST, Tags: [{ Key: 'a', Value: 'b' }] })
  return { drydock, iam }
}

test('a role is made, shown, listed, changed and deleted', async () => {
  const { drydock, iam } = await withRole()
  await using _ = drydock
  await iam.createRole({ RoleName: 'other', Path: '/team/', AssumeRolePolicyDocument: TRUST })
  const { Role } = await iam.getRole({ RoleName: 'DOOR' })
  expect(Role).toMatchObject({
    RoleName: 'door',
    Path: '/',
    Arn: 'arn:aws:iam::123456789012:role/door',
    MaxSessionDuration: 3600,
    Tags: [{ Key: 'a', Value: 'b' }],
    CreateDate: new Date('2026-01-01T00:00:00Z'),
  })
  expect(Role?.RoleId).toMatch(/^AROA[A-Z0-9]{17}$/)
  expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')).toBe(TRUST)
  const first = await iam.listRoles({ MaxItems: 1 })
  expect(first).toMatchObject({ IsTruncated: true, Roles: [{ RoleName: 'door' }] })
  const second = await iam.listRoles({ Marker: first.Marker })
  expect(second).toMatchObject({
    IsTruncated: false,
    Roles: [{ Arn: 'arn:aws:iam::123456789012:role/team/other' }],
  })
  await iam.updateRole({ RoleName: 'door', Description: 'A door', MaxSessionDuration: 7200 })
  await iam.tagRole({ RoleName: 'door', Tags: [{ Key: 'c', Value: 'd' }] })
  await iam.untagRole({ RoleName: 'door', TagKeys: ['a'] })
  const { Tags } = await iam.listRoleTags({ RoleName: 'door' })
  expect(Tags).toEqual([{ Key: 'c', Value: 'd' }])
  expect((await iam.getRole({ RoleName: 'door' })).Role).toMatchObject({ Description: 'A door' })
  expect((await iam.listInstanceProfilesForRole({ RoleName: 'door' })).InstanceProfiles).toEqual([])
  await iam.deleteRole({ RoleName: 'door' })
  await expect(iam.getRole({ RoleName: 'door' })).rejects.toMatchObject({ name: 'NoSuchEntityException' })
})

test('a role is the same in every region', async () => {
  const { drydock, iam } = await withRole()
  await using _ = drydock
  const elsewhere = new IAM({ ...drydock.config, region: 'eu-central-1' })
  const { Role } = await elsewhere.getRole({ RoleName: 'door' })
  expect(Role?.RoleId).toBe((await iam.getRole({ RoleName: 'door' })).Role?.RoleId)
})

test('what a role may do is put, attached, listed and taken away', async () => {
  const { drydock, iam } = await withRole()
  await using _ = drydock
  const RoleName = 'door'
  await iam.putRolePolicy({ RoleName, PolicyName: 'look', PolicyDocument: LOOK })
  const { PolicyDocument } = await iam.getRolePolicy({ RoleName, PolicyName: 'look' })
  expect(decodeURIComponent(PolicyDocument ?? '')).toBe(LOOK)
  expect((await iam.listRolePolicies({ RoleName })).PolicyNames).toEqual(['look'])
  await iam.attachRolePolicy({ RoleName, PolicyArn: BASIC })
  await iam.attachRolePolicy({ RoleName, PolicyArn: BASIC })
  expect((await iam.listAttachedRolePolicies({ RoleName })).AttachedPolicies).toEqual([
    { PolicyName: 'AWSLambdaBasicExecutionRole', PolicyArn: BASIC },
  ])
  const refusals = [
    [
      'Cannot delete entity, must detach all policies first.',
      () => iam.detachRolePolicy({ RoleName, PolicyArn: BASIC }),
    ],
    [
      'Cannot delete entity, must delete policies first.',
      () => iam.deleteRolePolicy({ RoleName, PolicyName: 'look' }),
    ],
  ] as const
  for (const [message, remedy] of refusals) {
    await expect(iam.deleteRole({ RoleName })).rejects.toMatchObject({
      name: 'DeleteConflictException',
      message,
    })
    await remedy()
  }
  await iam.deleteRole({ RoleName })
})

test('a managed policy has versions, one of which holds', async () => {
  const { drydock, iam } = await withRole()
  await using _ = drydock
  const { Policy } = await iam.createPolicy({
    PolicyName: 'look',
    PolicyDocument: LOOK,
    Description: 'Looks',
  })
  const PolicyArn = Policy?.Arn ?? ''
  expect(Policy).toMatchObject({ Arn: 'arn:aws:iam::123456789012:policy/look', DefaultVersionId: 'v1' })
  const next = policy({ Effect: 'Allow', Action: 'ecs:*', Resource: '*' })
  await iam.createPolicyVersion({ PolicyArn, PolicyDocument: next, SetAsDefault: true })
  await iam.attachRolePolicy({ RoleName: 'door', PolicyArn })
  const shown = await iam.getPolicy({ PolicyArn })
  expect(shown.Policy).toMatchObject({ DefaultVersionId: 'v2', AttachmentCount: 1, Description: 'Looks' })
  const { PolicyVersion } = await iam.getPolicyVersion({ PolicyArn, VersionId: 'v2' })
  expect(decodeURIComponent(PolicyVersion?.Document ?? '')).toBe(next)
  const { Policies = [] } = await iam.listPolicies({ Scope: 'Local' })
  expect(Policies.map(({ PolicyName }) => PolicyName)).toEqual(['look'])
  const conflict = { name: 'DeleteConflictException' }
  await expect(iam.deletePolicy({ PolicyArn })).rejects.toMatchObject(conflict)
  await iam.detachRolePolicy({ RoleName: 'door', PolicyArn })
  await expect(iam.deletePolicy({ PolicyArn })).rejects.toMatchObject(conflict)
  await expect(iam.deletePolicyVersion({ PolicyArn, VersionId: 'v2' })).rejects.toMatchObject(conflict)
  await iam.setDefaultPolicyVersion({ PolicyArn, VersionId: 'v1' })
  await iam.deletePolicyVersion({ PolicyArn, VersionId: 'v2' })
  expect((await iam.listPolicyVersions({ PolicyArn })).Versions).toHaveLength(1)
  await iam.deletePolicy({ PolicyArn })
})

test("AWS's own policies are there to be read, and to be attached", async () => {
  const { drydock, iam } = await withRole()
  await using _ = drydock
  const { Policies = [] } = await iam.listPolicies({ Scope: 'AWS' })
  expect(Policies.map(({ PolicyName }) => PolicyName)).toEqual([
    'AWSXRayDaemonWriteAccess',
    'AWSLambdaBasicExecutionRole',
    'AWSLambdaSQSQueueExecutionRole',
  ])
  const { PolicyVersion } = await iam.getPolicyVersion({ PolicyArn: BASIC, VersionId: 'v1' })
  expect(JSON.parse(decodeURIComponent(PolicyVersion?.Document ?? ''))).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: '*',
      },
    ],
  })
})

const door = { RoleName: 'door' }
test.each<[string, (iam: IAM) => Promise<unknown>, string, string]>([
  [
    'a role that is there already',
    (iam) => iam.createRole({ RoleName: 'Door', AssumeRolePolicyDocument: TRUST }),
    'EntityAlreadyExistsException',
    'Role with name Door already exists.',
  ],
  [
    'a name that is none',
    (iam) => iam.createRole({ RoleName: 'a door', AssumeRolePolicyDocument: TRUST }),
    'ValidationError',
    "1 validation error detected: Value 'a door' at 'roleName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]+",
  ],
  [
    'a trust policy that is none',
    (iam) => iam.createRole({ RoleName: 'new', AssumeRolePolicyDocument: LOOK }),
    'MalformedPolicyDocumentException',
    'AssumeRole policy may only specify STS AssumeRole actions.',
  ],
  [
    'a policy that is none',
    (iam) => iam.putRolePolicy({ ...door, PolicyName: 'x', PolicyDocument: '{}' }),
    'MalformedPolicyDocumentException',
    'Syntax errors in policy.',
  ],
  [
    'policies that are too large together',
    (iam) =>
      iam.putRolePolicy({
        ...door,
        PolicyName: 'x',
        PolicyDocument: policy({
          Effect: 'Allow',
          Action: 'ecs:*',
          Resource: `arn:aws:ecs:::${'x'.repeat(10_240)}`,
        }),
      }),
    'LimitExceededException',
    'Maximum policy size of 10240 bytes exceeded for role door',
  ],
  [
    'a policy that is not there',
    (iam) => iam.attachRolePolicy({ ...door, PolicyArn: 'arn:aws:iam::aws:policy/Nothing' }),
    'NoSuchEntityException',
    'Policy arn:aws:iam::aws:policy/Nothing does not exist or is not attachable.',
  ],
  [
    'a policy that is not attached',
    (iam) => iam.detachRolePolicy({ ...door, PolicyArn: BASIC }),
    'NoSuchEntityException',
    `Policy ${BASIC} was not found.`,
  ],
  [
    'an inline policy that is not there',
    (iam) => iam.getRolePolicy({ ...door, PolicyName: 'x' }),
    'NoSuchEntityException',
    'The role policy with name x cannot be found.',
  ],
  [
    'a user that is not there',
    (iam) => iam.getUser({ UserName: 'ann' }),
    'NoSuchEntityException',
    'The user with name ann cannot be found.',
  ],
])('%s is refused', async (_, call, name, message) => {
  const { drydock, iam } = await withRole()
  await using _engine = drydock
  await expect(call(iam)).rejects.toMatchObject({ name, message })
  expect(drydock.faults).toEqual([])
})

test.skipIf(!isInstalled('aws', '--version'))('the AWS CLI reads policies as JSON', async () => {
  const { drydock } = await withRole()
  await using _ = drydock
  const aws = (...args: string[]) =>
    runClient(drydock.endpoint, 'aws', '--endpoint-url', drydock.endpoint, '--output', 'json', 'iam', ...args)
  await aws('put-role-policy', '--role-name', 'door', '--policy-name', 'look', '--policy-document', LOOK)
  const shown = JSON.parse(await aws('get-role-policy', '--role-name', 'door', '--policy-name', 'look'))
  expect(shown.PolicyDocument).toEqual(JSON.parse(LOOK))
  await expect(aws('delete-role', '--role-name', 'door')).rejects.toThrow(
    '(DeleteConflict) when calling the DeleteRole operation: Cannot delete entity, must delete policies first.',
  )
})

test.skipIf(!isInstalled('python3', '-c', 'import boto3'))('boto3 makes a role for a function', async () => {
  await using drydock = await testEngine()
  const script = fileURLToPath(new URL('boto_roles.py', import.meta.url))
  expect(JSON.parse(await runClient(drydock.endpoint, 'python3', script))).toEqual({
    trust: JSON.parse(TRUST),
    attached: ['AWSLambdaBasicExecutionRole'],
    user: 'arn:aws:iam::123456789012:root',
    error: { Type: 'Sender', Code: 'NoSuchEntity', Message: 'The role with name nobody cannot be found.' },
  })
  expect(drydock.faults).toEqual([])
})
