/** Repositories, their resource tags and policies: what is kept, what is refused, what is announced. */
import { expect, test } from 'vitest'
import { buildImage, testEcr } from './testing.ts'
import { readToken } from './token.ts'

const arn = 'arn:aws:ecr:us-east-1:123456789012:repository/web'

test('a repository is at the address of the engine', () => {
  const ecr = testEcr()
  const { repository } = ecr.call('CreateRepository', { repositoryName: 'web' })
  expect(repository).toEqual({
    repositoryArn: arn,
    registryId: '123456789012',
    repositoryName: 'web',
    repositoryUri: '127.0.0.1:4566/web',
    createdAt: new Date(ecr.context.now),
    imageTagMutability: 'MUTABLE',
    imageScanningConfiguration: { scanOnPush: false },
    encryptionConfiguration: { encryptionType: 'AES256' },
  })
})

test.each(['a', 'Web', 'web_', '-web', 'web//x', 'web/', 'x'.repeat(257), 'web x', ''])(
  'the name %j is refused',
  (repositoryName) => {
    const ecr = testEcr()
    expect(() => ecr.call('CreateRepository', { repositoryName })).toThrow(
      expect.objectContaining({
        name: 'InvalidParameterException',
        message: expect.stringContaining(
          "Invalid parameter at 'repositoryName' failed to satisfy constraint: '",
        ),
      }),
    )
  },
)

test.each(['ab', 'a/b', 'team/web.api', 'a__b', 'a--b', 'constructor'])(
  'the name %j is taken, once',
  (repositoryName) => {
    const ecr = testEcr()
    expect(() => ecr.call('DescribeRepositories', { repositoryNames: [repositoryName] })).toThrow(
      `The repository with name '${repositoryName}' does not exist in the registry with id '123456789012'`,
    )
    ecr.call('CreateRepository', { repositoryName })
    expect(() => ecr.call('CreateRepository', { repositoryName })).toThrow(
      `The repository with name '${repositoryName}' already exists in the registry with id '123456789012'`,
    )
  },
)

test.each<[string, object]>([
  ['an unknown mutability', { imageTagMutability: 'SOMETIMES' }],
  [
    'filters without a setting that takes them',
    { imageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD', filter: 'a' }] },
  ],
  ['a setting without its filters', { imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION' }],
  ['an unknown encryption', { encryptionConfiguration: { encryptionType: 'ROT13' } }],
  [
    'a duplicate tag key',
    {
      tags: [
        { Key: 'a', Value: '1' },
        { Key: 'a', Value: '2' },
      ],
    },
  ],
  ['a reserved tag key', { tags: [{ Key: 'aws:x', Value: '1' }] }],
  ['too many tags', { tags: Array.from({ length: 51 }, (_, i) => ({ Key: `k${i}`, Value: '' })) }],
])('a repository with %s is not made', (_, input) => {
  const ecr = testEcr()
  expect(() => ecr.call('CreateRepository', { repositoryName: 'web', ...input })).toThrow()
  expect(ecr.call('DescribeRepositories', {}).repositories).toEqual([])
})

test('a repository with images is deleted only by force', () => {
  const ecr = testEcr()
  ecr.call('CreateRepository', { repositoryName: 'web' })
  const image = buildImage()
  ecr.store('web', image)
  ecr.call('PutImage', { repositoryName: 'web', imageManifest: image.manifest })
  expect(() => ecr.call('DeleteRepository', { repositoryName: 'web' })).toThrow(
    "The repository with name 'web' in registry with id '123456789012' cannot be deleted because it still contains images",
  )
  ecr.call('DeleteRepository', { repositoryName: 'web', force: true })
  expect(ecr.call('DescribeRepositories', {}).repositories).toEqual([])
})

test('repositories come in pages by name', () => {
  const ecr = testEcr()
  for (const repositoryName of ['cc', 'aa', 'bb']) ecr.call('CreateRepository', { repositoryName })
  const first = ecr.call('DescribeRepositories', { maxResults: 2 })
  const second = ecr.call('DescribeRepositories', { maxResults: 2, nextToken: first.nextToken })
  const names = [first, second].map(({ repositories }) =>
    repositories?.map(({ repositoryName }) => repositoryName),
  )
  expect(names).toEqual([['aa', 'bb'], ['cc']])
  expect(second.nextToken).toBeUndefined()
  expect(() => ecr.call('DescribeRepositories', { nextToken: 'bogus' })).toThrow(
    "Invalid parameter at 'nextToken'",
  )
  expect(() => ecr.call('DescribeRepositories', { maxResults: 1001 })).toThrow('less than or equal to 1000')
})

test('each change of tags is announced with what changed and the whole set', () => {
  const ecr = testEcr()
  ecr.call('CreateRepository', { repositoryName: 'web', tags: [{ Key: 'team', Value: 'a' }] })
  ecr.call('TagResource', {
    resourceArn: arn,
    tags: [
      { Key: 'stage', Value: 'x' },
      { Key: 'team', Value: 'a' },
    ],
  })
  ecr.call('TagResource', { resourceArn: arn, tags: [{ Key: 'team', Value: 'a' }] })
  ecr.call('UntagResource', { resourceArn: arn, tagKeys: ['team'] })
  expect(ecr.emitted).toHaveLength(3)
  expect(ecr.emitted[2]).toEqual({
    source: 'aws.tag',
    detailType: 'Tag Change on Resource',
    resources: [arn],
    detail: {
      'changed-tag-keys': ['team'],
      service: 'ecr',
      'resource-type': 'repository',
      version: 3,
      tags: { stage: 'x' },
    },
  })
  expect(ecr.call('ListTagsForResource', { resourceArn: arn }).tags).toEqual([{ Key: 'stage', Value: 'x' }])
})

test.each<[string, string]>([
  ['no JSON', 'x'.repeat(100)],
  ['too short', '{"rules":[]}'],
  ['no rules', JSON.stringify({ rules: [], comment: 'x'.repeat(100) })],
  ['tagged without tags', policy({ tagStatus: 'tagged', countType: 'imageCountMoreThan', countNumber: 1 })],
  ['no count', policy({ tagStatus: 'any', countType: 'imageCountMoreThan' })],
])('a lifecycle policy is refused: %s', (_, lifecyclePolicyText) => {
  const ecr = testEcr()
  ecr.call('CreateRepository', { repositoryName: 'web' })
  expect(() => ecr.call('PutLifecyclePolicy', { repositoryName: 'web', lifecyclePolicyText })).toThrow(
    expect.objectContaining({ name: 'InvalidParameterException' }),
  )
})

test('a lifecycle policy is kept as it was written', () => {
  const ecr = testEcr()
  ecr.call('CreateRepository', { repositoryName: 'web' })
  const lifecyclePolicyText = policy({ tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 1 })
  const out = ecr.call('PutLifecyclePolicy', { repositoryName: 'web', lifecyclePolicyText })
  expect(out.lifecyclePolicyText).toBe(lifecyclePolicyText)
})

function policy(selection: object): string {
  return JSON.stringify({
    rules: [{ rulePriority: 1, description: 'x'.repeat(50), selection, action: { type: 'expire' } }],
  })
}

test('a token names its account and region, and only its own key opens it', () => {
  const ecr = testEcr()
  const [data] = ecr.call('GetAuthorizationToken', {}).authorizationData ?? []
  const [user, token = ''] = Buffer.from(data?.authorizationToken ?? '', 'base64')
    .toString()
    .split(':')
  expect(user).toBe('AWS')
  expect(data?.proxyEndpoint).toBe('http://127.0.0.1:4566')
  expect(data?.expiresAt).toEqual(new Date(ecr.context.now + 12 * 3_600_000))
  const { tokenKey } = ecr.context.state
  expect(readToken(token, () => tokenKey)).toMatchObject({ accountId: '123456789012', region: 'us-east-1' })
  expect(readToken(token, () => 'another key')).toBeUndefined()
  expect(readToken(`${token}x`, () => tokenKey)).toBeUndefined()
  expect(readToken('nonsense', () => tokenKey)).toBeUndefined()
})
