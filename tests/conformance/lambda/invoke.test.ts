/** What a handler sees and what its caller gets, through the real client. */
import { expect, test } from 'vitest'
import { testLambda } from './harness.ts'

test('a handler gets its event and its answer comes back', async () => {
  await using lambda = await testLambda()
  await lambda.make('echo', 'export const handler = async (event) => ({ got: event })')
  expect((await lambda.invoke('echo', { a: 1 })).answer).toEqual({ got: { a: 1 } })
  expect(lambda.drydock.faults).toEqual([])
})
