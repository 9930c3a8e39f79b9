import { expect, test } from 'vitest'
import { isOwnReference } from './tasks.ts'

const endpoint = 'http://127.0.0.1:4566'

test.each([
  ['123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:1', true],
  ['123456789012.dkr-ecr.eu-west-1.on.aws/web:1', true],
  ['127.0.0.1:4566/web@sha256:00', true],
  ['localhost:4566/team/web', true],
  ['registry.localhost:4566/web', true],
  ['localhost:5000/web', false],
  ['public.ecr.aws/docker/library/node:24', false],
  ['nginx', false],
  ['team/web:1', false],
  ['quay.io/team/web:1', false],
])('that %s is the engine’s own is %s', (reference, own) => {
  expect(isOwnReference(reference, endpoint)).toBe(own)
})
