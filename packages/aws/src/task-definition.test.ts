import type { TaskDefinition } from '@aws-sdk/client-ecs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deploymentOf, newRevision } from './task-definition.ts'

const current: TaskDefinition = {
  taskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/web:7',
  family: 'web',
  revision: 7,
  status: 'ACTIVE',
  registeredAt: new Date(0),
  registeredBy: 'someone',
  requiresAttributes: [{ name: 'com.amazonaws.ecs.capability.docker-remote-api.1.18' }],
  compatibilities: ['EC2', 'FARGATE'],
  requiresCompatibilities: ['FARGATE'],
  networkMode: 'awsvpc',
  cpu: '256',
  memory: '512',
  executionRoleArn: 'arn:aws:iam::123456789012:role/pull',
  containerDefinitions: [
    { name: 'app', image: 'registry/web:1', essential: true, secrets: [{ name: 'KEY', valueFrom: 'arn' }] },
    { name: 'side', image: 'registry/side:1', essential: false },
  ],
}

test('only the matched container changes, and what only a response has is dropped', () => {
  const images = [{ container: 'app', image: 'registry/web@sha256:aa' }]
  expect(newRevision({ definition: current, tags: [] }, images, 'd-1')).toEqual({
    family: 'web',
    requiresCompatibilities: ['FARGATE'],
    networkMode: 'awsvpc',
    cpu: '256',
    memory: '512',
    executionRoleArn: 'arn:aws:iam::123456789012:role/pull',
    containerDefinitions: [
      { ...current.containerDefinitions?.[0], image: 'registry/web@sha256:aa' },
      current.containerDefinitions?.[1],
    ],
    tags: [
      { key: 'capstan:deployment', value: 'd-1' },
      { key: 'capstan:managed-by', value: 'capstan' },
    ],
  })
})

test('its own tags are kept, an earlier deployment is replaced, tags of AWS are left out', () => {
  const tags = [
    { key: 'team', value: 'shop' },
    { key: 'capstan:deployment', value: 'd-0' },
    { key: 'aws:cloudformation:stack-name', value: 'web' },
  ]
  const revision = newRevision({ definition: current, tags }, [], 'd-1')
  expect(revision.tags).toEqual([
    { key: 'team', value: 'shop' },
    { key: 'capstan:deployment', value: 'd-1' },
    { key: 'capstan:managed-by', value: 'capstan' },
  ])
  expect(deploymentOf(revision.tags ?? [])).toBe('d-1')
})

test('a container that the definition lacks is refused by name', () => {
  const images = [{ container: 'api', image: 'x' }]
  expect(() => newRevision({ definition: current, tags: [] }, images, 'd-1')).toThrow(/no container 'api'/)
})

const name = fc.stringMatching(/^[a-z]{1,8}$/)
const definition = fc
  .uniqueArray(fc.record({ name, image: fc.string(), memory: fc.nat(), hostname: fc.string() }), {
    selector: (container) => container.name,
    minLength: 1,
  })
  .map((containerDefinitions): TaskDefinition => ({ ...current, containerDefinitions }))

test('whatever the definition, nothing but the images of matched containers differs', () => {
  const cases = definition.chain((one) => {
    const names = (one.containerDefinitions ?? []).map((container) => container.name ?? '')
    return fc.tuple(fc.constant(one), fc.subarray(names))
  })
  fc.assert(
    fc.property(cases, ([one, matched]) => {
      const images = matched.map((container) => ({ container, image: `new ${container}` }))
      const { containerDefinitions } = newRevision({ definition: one, tags: [] }, images, 'd-1')
      const expected = one.containerDefinitions?.map((container) =>
        matched.includes(container.name ?? '') ? { ...container, image: `new ${container.name}` } : container,
      )
      expect(containerDefinitions).toEqual(expected)
    }),
  )
})
