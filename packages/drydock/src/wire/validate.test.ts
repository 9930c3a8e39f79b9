import { RegisterTaskDefinition$, RunTask$ } from '@aws-sdk/client-ecs'
import { NormalizedSchema } from '@smithy/core/schema'
import { expect, test } from 'vitest'
import { validate } from './validate.ts'

const register = NormalizedSchema.of(RegisterTaskDefinition$[4])
const run = NormalizedSchema.of(RunTask$[4])
const container = { name: 'a', image: 'b' }

test.each<[string, NormalizedSchema, unknown, string | undefined]>([
  ['all that is required', register, { family: 'f', containerDefinitions: [container] }, undefined],
  [
    'null for what is optional',
    register,
    { family: 'f', containerDefinitions: [container], cpu: null },
    undefined,
  ],
  ['members that nobody knows', run, { taskDefinition: 'x', what: { ever: 1 } }, undefined],
  [
    'one missing member',
    run,
    {},
    "1 validation error detected: Value null at 'taskDefinition' failed to satisfy constraint: Member must not be null",
  ],
  [
    'two missing members',
    register,
    {},
    "2 validation errors detected: Value null at 'family' failed to satisfy constraint: Member must not be null; Value null at 'containerDefinitions' failed to satisfy constraint: Member must not be null",
  ],
  [
    'a missing member within',
    register,
    { family: 'f', containerDefinitions: [{ ...container, secrets: [{ name: 's' }] }] },
    "1 validation error detected: Value null at 'containerDefinitions.1.member.secrets.1.member.valueFrom' failed to satisfy constraint: Member must not be null",
  ],
  ['a number for text', run, { taskDefinition: 1 }, 'taskDefinition must be of type string'],
  ['text for a number', run, { taskDefinition: 'x', count: '1' }, 'count must be of type number'],
  [
    'text for a boolean',
    run,
    { taskDefinition: 'x', enableExecuteCommand: 'yes' },
    'enableExecuteCommand must be of type boolean',
  ],
  ['a structure for a list', run, { taskDefinition: 'x', tags: {} }, 'tags must be of type list'],
  [
    'a list for a map',
    register,
    { family: 'f', containerDefinitions: [{ dockerLabels: [] }] },
    'containerDefinitions.1.member.dockerLabels must be of type map',
  ],
  ['nothing at all', run, null, 'Input must be of type structure'],
  [
    'null in a list',
    register,
    { containerDefinitions: [null] },
    'containerDefinitions.1.member must not be null',
  ],
  [
    'null in a map',
    register,
    { containerDefinitions: [{ dockerLabels: { a: null } }] },
    'containerDefinitions.1.member.dockerLabels.a must not be null',
  ],
  ['text for a structure', run, 'x', 'Input must be of type structure'],
])('%s', (_label, schema, input, message) => {
  const check = () => validate(schema, input)
  if (message === undefined) expect(check).not.toThrow()
  else expect(check).toThrow(message)
})
