import { expect, test } from 'vitest'
import { digest } from './builders.ts'
import {
  formatImageReference,
  parseImageReference,
  pinnedReference,
  registryOrigin,
  shortDigest,
} from './image.ts'

const ECR = '123456789012.dkr.ecr.us-east-1.amazonaws.com'

test.each<[string, object]>([
  ['nginx', { repository: 'nginx' }],
  ['library/nginx:1.27', { repository: 'library/nginx', tag: '1.27' }],
  ['localhost/web', { registry: 'localhost', repository: 'web' }],
  ['localhost:5000/web', { registry: 'localhost:5000', repository: 'web' }],
  ['registry:5000/team/web:main', { registry: 'registry:5000', repository: 'team/web', tag: 'main' }],
  ['[::1]:5000/web', { registry: '[::1]:5000', repository: 'web' }],
  [`${ECR}/team/web:1.2.3`, { registry: ECR, repository: 'team/web', tag: '1.2.3' }],
  [`${ECR}/web@${digest('a')}`, { registry: ECR, repository: 'web', digest: digest('a') }],
  [`web:1@${digest('b')}`, { repository: 'web', tag: '1', digest: digest('b') }],
  [`web@sha512:${'a'.repeat(128)}`, { repository: 'web', digest: `sha512:${'a'.repeat(128)}` }],
  [`web:${'x'.repeat(128)}`, { repository: 'web', tag: 'x'.repeat(128) }],
])('%s is read and written back', (text, parts) => {
  const reference = parseImageReference(text)
  expect(reference).toEqual({ text, ...parts })
  expect(formatImageReference(reference)).toBe(text)
})

test.each([
  'Nginx',
  '',
  'web:',
  'web@',
  'web@sha256:abc',
  'web:.hidden',
  `web:${'x'.repeat(129)}`,
  'localhost:5000',
  'a//b',
  'web@md5:abc',
  'x'.repeat(5000).concat('!'),
])('%s follows no grammar and is kept whole', (text) => {
  const reference = parseImageReference(text)
  expect(reference.registry).toBeUndefined()
  // `localhost:5000` is a repository with the tag 5000: nothing tells it from one.
  expect([text, 'localhost']).toContain(reference.repository)
})

test.each<[string, object | undefined]>([
  [`${ECR}/web`, { account: '123456789012', region: 'us-east-1' }],
  [
    '123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com/web',
    { account: '123456789012', region: 'us-gov-west-1' },
  ],
  ['123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/web', { account: '123456789012', region: 'cn-north-1' }],
  ['123456789012.dkr-ecr.eu-west-1.on.aws/web', { account: '123456789012', region: 'eu-west-1' }],
  ['localhost:4566/web', {}],
  ['127.0.0.1:4566/web', {}],
  ['public.ecr.aws/nginx/nginx:latest', undefined],
  ['nginx', undefined],
  ['ghcr.io/a/b', undefined],
  ['evil.example/123456789012.dkr.ecr.us-east-1.amazonaws.com/web', undefined],
  [`${ECR}.evil.example/web`, undefined],
])('the origin of %s is told', (text, origin) => {
  expect(registryOrigin(parseImageReference(text))).toEqual(origin)
})

test('a pinned reference keeps the registry and drops the tag', () => {
  const from = parseImageReference(`${ECR}/web:1.2.3`)
  expect(pinnedReference(from, { repository: 'web', digest: digest('c') })).toBe(`${ECR}/web@${digest('c')}`)
})

test('a digest is shortened, anything else is left as it is', () => {
  expect(shortDigest(`sha256:${'ab'.repeat(32)}`)).toBe('sha256:abababababab')
  expect(shortDigest('latest')).toBe('latest')
})
