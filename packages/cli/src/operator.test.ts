import { parseConfig } from '@capstan/core/config.ts'
import { Failure } from '@capstan/core/failure.ts'
import { expect, test } from 'vitest'
import { troublesOf } from './operator.ts'

const service = { cluster: 'default', service: 'web' }

test('what belongs to no service, and what hides one, is told', () => {
  const config = parseConfig({ service: {}, services: { nosuch: 'semver:1.x', web: 'semver:1.x' } })
  const error = new Failure('DENIED', 'ECR DescribeImages failed: AccessDeniedException.')
  expect(troublesOf(config, [{ kind: 'failed', service, error }])).toEqual([
    'The config file has an unknown key "service"; write services.',
    'The config file names default/nosuch, but ECS has no active service of that name; create it, or correct the name.',
    'default/web cannot be shown: ECR DescribeImages failed: AccessDeniedException.',
  ])
})

test('a fleet without trouble is told nothing of', () => {
  expect(troublesOf(parseConfig({ services: {} }), [])).toEqual([])
})
