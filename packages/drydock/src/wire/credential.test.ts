import { expect, test } from 'vitest'
import { readCredential } from './credential.ts'

const plain = new URL('http://localhost/')
const scope = (text: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=${text}, SignedHeaders=host, Signature=0`,
})
const somebody = { accessKeyId: 'AKID', accountId: '123456789012', region: 'us-east-1' }

test.each<[string, Parameters<typeof readCredential>[0], string, object]>([
  [
    'a signed request',
    scope('AKID/20260101/eu-west-1/ecs/aws4_request'),
    '',
    { ...somebody, region: 'eu-west-1', signingName: 'ecs' },
  ],
  [
    'a key of 12 digits',
    scope('210987654321/20260101/us-east-1/sts/aws4_request'),
    '',
    { accessKeyId: '210987654321', accountId: '210987654321', region: 'us-east-1', signingName: 'sts' },
  ],
  [
    'a key of 13 digits',
    scope('2109876543210/20260101/us-east-1/sts/aws4_request'),
    '',
    { ...somebody, accessKeyId: '2109876543210', signingName: 'sts' },
  ],
  [
    'a presigned URL',
    {},
    '?X-Amz-Credential=AKID%2F20260101%2Feu-west-1%2Fsts%2Faws4_request',
    { ...somebody, region: 'eu-west-1', signingName: 'sts' },
  ],
  [
    'SigV4a, whose scope has no region',
    scope('AKID/20260101/events/aws4_request'),
    '',
    { ...somebody, signingName: 'events' },
  ],
  ['nobody', {}, '', { ...somebody, accessKeyId: 'anonymous' }],
  ['a token of another kind', { authorization: 'Bearer x' }, '', { ...somebody, accessKeyId: 'anonymous' }],
  [
    'a region that is no name',
    scope('AKID/20260101/__proto__!/ecs/aws4_request'),
    '',
    { ...somebody, signingName: 'ecs' },
  ],
  ['a scope cut short', scope('AKID/20260101'), '', somebody],
])('%s is known', (_label, headers, search, credential) => {
  expect(readCredential(headers, new URL(search, plain))).toEqual(credential)
})
