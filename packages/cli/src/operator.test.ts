import { parseConfig } from '@capstan/core/config.ts'
import { Failure } from '@capstan/core/failure.ts'
import { expect, test } from 'vitest'
import { parseDecided, troublesOf } from './operator.ts'

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

test('decisions are asked for by service, or by family', () => {
  expect(parseDecided('prod/web')).toEqual({ cluster: 'prod', service: 'web' })
  expect(parseDecided('web')).toEqual({ cluster: 'default', service: 'web' })
  expect(parseDecided('prod/family:worker')).toEqual({ cluster: 'prod', service: 'family:worker' })
  expect(() => parseDecided('a/b/c')).toThrow('names neither a service nor a family')
})
