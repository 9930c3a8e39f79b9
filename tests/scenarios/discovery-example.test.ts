/** The example of discovery tells its story to the end: with dig, curl and the aws CLI. */
import { expect, test } from 'vitest'
import { run } from '../fixtures/program.ts'

test('a name leads to every task that serves and to no other, through a deployment and a scale-in', async () => {
  const { code, stdout, stderr } = await run('examples/discovery/run.sh', [])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout.match(/answers without an address: 0\n {2}addresses where nobody was: 0\n/g)).toHaveLength(2)
  expect(stdout).toMatch(
    /NAME +WHERE +RECORDS +TASKS +STATE +WHY\n +web\.harbour\.test +public zone harbour\.test/,
  )
  expect(stdout).toMatch(/The end: all of it was seen\n$/)
}, 300_000)
