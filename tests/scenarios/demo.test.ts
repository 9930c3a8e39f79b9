/** `npm run demo` tells the story to its end, and only then ends with 0. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkout, run } from '../fixtures/program.ts'

test('every step of the demo is seen on the wire', async () => {
  const { code, stdout, stderr } = await run(process.execPath, [
    join(checkout, 'packages/cli/src/demo/main.ts'),
  ])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/every task answers as 1\.1\.0, pinned by its digest/)
  expect(stdout).toMatch(/web 1\.1\.0 \(sha256:\w+\) is the last known good/)
  expect(stdout).toMatch(/the page is served as 1\.1\.0 again/)
  expect(stdout).toMatch(/circuit breaker: tasks failed to start/)
  expect(stdout).toMatch(/The end: every step was seen on the wire\.\n$/)
}, 170_000)
