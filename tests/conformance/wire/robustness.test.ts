/** No operation of any service meets an input of the right types with a bug: odd as it may be, it is answered. */
import { type ServiceName, services } from '@capstan/drydock/services.ts'
import { testEngine } from '@capstan/drydock/testing.ts'
import type { ServiceModel } from '@capstan/drydock/wire/model.ts'
import { expect, test } from 'vitest'
import { RandomValues } from './random-values.ts'

const names = Object.keys(services) as ServiceName[]
const caller = { accountId: '123456789012', region: 'us-east-1', accessKeyId: 'test', requestId: 'test' }

/** What an AWS service may throw: an AwsError, or an exception class of its client. */
const isAnswer = (error: unknown) => error instanceof Error && ('status' in error || '$fault' in error)

test.each(names)('%s has an answer to everything', async (name) => {
  await using drydock = await testEngine()
  const { engine } = drydock
  const { model }: { model: ServiceModel } = await engine.load(name)
  const implemented = [...model.operations.values()].filter(({ handler }) => handler)
  expect(implemented.length).toBeGreaterThan(0)
  const bugs: unknown[] = []
  const values = new RandomValues(7)
  for (let round = 0; round < 20; round++) {
    for (const { name: operation, input: schema } of implemented) {
      const input = values.make(schema)
      try {
        await engine.execute(name, operation, input, caller)
      } catch (error) {
        if (!isAnswer(error)) bugs.push({ operation, input, error })
      }
    }
  }
  await engine.settle()
  expect(bugs).toEqual([])
  expect(drydock.faults).toEqual([])
})
