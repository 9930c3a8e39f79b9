import { expect, test } from 'vitest'
import { parseReference } from './image-reference.ts'

const scope = { accountId: '111122223333', region: 'eu-north-1' }
const parse = (reference: string) => parseReference(reference, 'http://127.0.0.1:4566', scope)
const digest = `sha256:${'0'.repeat(64)}`

test.each<[string, object]>([
  ['127.0.0.1:4566/web', { ...scope, repository: 'web', tag: 'latest' }],
  ['localhost:4566/team/web:1', { ...scope, repository: 'team/web', tag: '1' }],
  [`registry.localhost:4566/web:1@${digest}`, { ...scope, repository: 'web', tag: '1', digest }],
  [
    '123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:1',
    { accountId: '123456789012', region: 'eu-west-1', repository: 'web', tag: '1' },
  ],
  [
    '123456789012.dkr-ecr.eu-west-1.on.aws/web:1',
    { accountId: '123456789012', region: 'eu-west-1', repository: 'web', tag: '1' },
  ],
  // Written when the engine listened on another port, and kept.
  ['127.0.0.1:9999/web:1', { ...scope, repository: 'web', tag: '1' }],
  ['localhost/web:1', { ...scope, repository: 'web', tag: '1' }],
])('%s is an image of the engine', (reference, place) => {
  expect(parse(reference)).toEqual(place)
})

test.each([
  'nginx',
  'nginx:1',
  'team/web:1',
  'docker.io/library/nginx:1',
  'public.ecr.aws/docker/library/node:24',
  'quay.io/team/web:1',
  '127.0.0.1:4566/',
  '127.0.0.1:4566/web@sha256:1',
])('%s is at no registry of the engine', (reference) => {
  expect(parse(reference)).toEqual({
    error: expect.stringMatching(
      /^CannotPullContainerError: .*Drydock pulls only from its own registry; push the image to 127\.0\.0\.1:4566\/NAME:TAG$/,
    ),
  })
})
