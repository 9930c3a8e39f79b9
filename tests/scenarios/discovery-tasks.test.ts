/** A service's tasks come, are well or not, and go: its name follows them. */
import { expect, test } from 'vitest'
import { Found } from './found.ts'

test('a task is found as soon as it runs, and no more once it is to stop', async () => {
  await using found = await Found.start()
  await found.createService('web', { count: 2 })
  await found.play(10)
  const expected = await found.expected('web.example.com')
  expect(expected).toHaveLength(2)
  expect(await found.records()).toEqual(expected)
  await found.scale('web', 0)
  await found.deliver()
  const leaving = await found.tasks('STOPPED')
  expect(leaving.map(({ lastStatus }) => lastStatus)).toEqual(['DEACTIVATING', 'DEACTIVATING'])
  expect(await found.records()).toEqual([])
})
