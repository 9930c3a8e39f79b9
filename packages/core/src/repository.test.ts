import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseImageReference, pinnedReference } from './image.ts'
import { imageSeenFrom, parseRepository, repositoryArn, repositoryBeside } from './repository.ts'

const SERVICE = 'arn:aws:ecs:us-east-1:123456789012:service/prod/web'
const DIGEST = `sha256:${'a'.repeat(64)}`
const ARN = 'arn:aws:ecr:eu-west-1:210987654321:repository/team/web'

const account = fc.stringMatching(/^\d{12}$/)
const region = fc.constantFrom('eu-west-1', 'us-gov-west-1', 'cn-north-1')
const name = fc.stringMatching(/^[a-z0-9]{1,8}([._/-][a-z0-9]{1,8}){0,3}$/)

test('what a repository of another registry is called is read back', () => {
  fc.assert(
    fc.property(fc.record({ account, region }), name, (registry, own) => {
      expect(parseRepository(repositoryArn(registry, own))).toEqual({ name: own, registry })
      expect(parseRepository(own)).toEqual({ name: own })
    }),
  )
})

test.each([
  ['of its own registry', '123456789012.dkr.ecr.us-east-1.amazonaws.com/team/web', 'team/web'],
  ['of another account', '210987654321.dkr.ecr.us-east-1.amazonaws.com/web', arnIn('us-east-1', 'web')],
  ['of another region, by its new host', '210987654321.dkr-ecr.eu-west-1.on.aws/team/web', ARN],
  ['of a local engine', '127.0.0.1:4566/team/web', 'team/web'],
  ['of a local engine, by account and region', '210987654321.dkr.ecr.eu-west-1.localhost:4566/team/web', ARN],
  ['of a registry that is none of ECR', 'ghcr.io/team/web', 'team/web'],
])('an image %s is seen by the right name', (_, text, called) => {
  const seen = imageSeenFrom(SERVICE, parseImageReference(`${text}:1.0.0`))
  expect(seen).toMatchObject({ repository: called, tag: '1.0.0', text: `${text}:1.0.0` })
  // What is deployed names the same registry and repository as before.
  expect(pinnedReference(seen, { repository: called, digest: DIGEST })).toBe(`${text}@${DIGEST}`)
  expect(pinnedReference(parseImageReference(`${text}:1.0.0`), { repository: called, digest: DIGEST })).toBe(
    `${text}@${DIGEST}`,
  )
})

test('another repository stands beside one in the same registry', () => {
  expect(repositoryBeside('web', 'api')).toBe('api')
  expect(repositoryBeside(ARN, 'api')).toBe('arn:aws:ecr:eu-west-1:210987654321:repository/api')
})

function arnIn(where: string, repository: string): string {
  return `arn:aws:ecr:${where}:210987654321:repository/${repository}`
}
