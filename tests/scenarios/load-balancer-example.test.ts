/** The example behind a load balancer tells its story to the end: with the aws CLI, curl and wrk, under load. */
import { expect, test } from 'vitest'
import { run } from '../fixtures/program.ts'

test('no request of the update fails, and the bad image is rolled back by itself', async () => {
  const { code, stdout, stderr } = await run('examples/load-balancer/run.sh', [])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/requests that failed: 0\n/)
  expect(stdout).toMatch(
    /0\.0 s {2}the first error\n.* s {2}the alarm web-5xx is in ALARM\n.* s {2}Capstan rolls back\n.* s {2}the last error\n/,
  )
  expect(stdout).toMatch(/The end: all of it was seen\n$/)
}, 300_000)
