/** The programs start on the Node that the machine has, even if that is older than the one that they run on. */
import { spawn } from 'node:child_process'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { checkout, run, until } from '../fixtures/program.ts'

/** The machine's own Node, which may be 20; the one that npm installed where there is no other. */
const machinesNode =
  (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .map((folder) => join(folder, 'node'))
    .find((file) => existsSync(file)) ?? process.execPath

const program = (name: string) => join(checkout, 'packages/cli/bin', `${name}.js`)

test('a command runs, and its exit code is passed on', async () => {
  const help = await run(machinesNode, [program('capstan'), '--help'])
  expect(help).toMatchObject({ code: 0, stderr: '' })
  expect(help.stdout).toContain('Usage: capstan')
  const wrong = await run(machinesNode, [program('capstan'), 'frobnicate'])
  expect(wrong.code).toBe(2)
})

test('an engine ends with the launcher, even if that is killed', async () => {
  const launcher = spawn(machinesNode, [program('drydock'), '--port', '0', '--json'])
  const [line] = (await once(createInterface(launcher.stdout), 'line')) as [string]
  const { endpoint, dns } = JSON.parse(line)
  expect((await fetch(`${endpoint}/_drydock/health`)).status).toBe(200)
  const resolver = new Resolver()
  resolver.setServers([dns])
  await expect(resolver.resolve4('example.com')).rejects.toMatchObject({ code: 'EREFUSED' })
  launcher.kill('SIGKILL')
  await until('nothing listens any more', () =>
    fetch(`${endpoint}/_drydock/health`).then(
      () => undefined,
      () => true,
    ),
  )
})
