import { chmod, copyFile, mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hostCommand } from './lookup.ts'
import { imageOf } from './testing.ts'

/** A container's files, and a machine that has `node` and a program called `tool`. */
async function setUp(files: Record<string, string> = {}) {
  const { root } = await imageOf({ 'app/main.js': '', ...files })
  const machine = await imageOf({ tool: '#!/bin/sh\n', broken: 'no program' })
  const around = {
    root,
    workingDirectory: '/app',
    path: ['/usr/local/bin', '/bin'],
    hostPath: [machine.root],
  }
  return { root, machine: machine.root, find: (...command: string[]) => hostCommand(command, around) }
}

test("node is the engine's own where the image has none", async () => {
  const { find } = await setUp()
  expect(await find('node', 'main.js')).toEqual([process.execPath, 'main.js'])
  expect(await find('/usr/local/bin/node')).toEqual([process.execPath])
})

test("a program of the image comes before the machine's", async () => {
  const { find, root } = await setUp({ 'bin/tool': '#!/bin/tool2', 'bin/tool2': '#!/usr/bin/env sh' })
  await mkdir(join(root, 'usr/bin'), { recursive: true })
  await copyFile('/usr/bin/env', join(root, 'usr/bin/env'))
  const env = join(root, 'usr/bin/env')
  expect(await find('tool')).toEqual([env, 'sh', join(root, 'bin/tool2'), join(root, 'bin/tool')])
})

test("a program that cannot run here is replaced by the machine's", async () => {
  const { find, root, machine } = await setUp({ 'bin/tool': "MZ another system's program" })
  await chmod(join(root, 'bin/tool'), 0o755)
  expect(await find('tool')).toEqual([join(machine, 'tool')])
})

test("a script's interpreter may be the machine's", async () => {
  const { find, root } = await setUp({ 'app/start': '#!/usr/local/bin/node --no-warnings\n' })
  expect(await find('./start', 'x')).toEqual([
    process.execPath,
    '--no-warnings',
    join(root, 'app/start'),
    'x',
  ])
})

test('absolute arguments that name something in the image become its paths', async () => {
  const { find, root } = await setUp()
  const command = await find('node', '/app/main.js', '/app', '/etc/hosts', '/', '--file=/app/main.js')
  const paths = [join(root, 'app/main.js'), join(root, 'app'), '/etc/hosts', '/', '--file=/app/main.js']
  expect(command).toEqual([process.execPath, ...paths])
})

test("a link in the image leads to the image's file, not to the machine's", async () => {
  const { find, root } = await setUp({ 'opt/tool': '#!/usr/local/bin/node' })
  await mkdir(join(root, 'bin'))
  await symlink('/opt/tool', join(root, 'bin/tool'))
  expect(await find('tool')).toEqual([process.execPath, join(root, 'opt/tool')])
})

test.each([
  [['nothing'], 'exec: "nothing": executable file not found in $PATH: unknown'],
  [['/app/nothing'], 'exec: "/app/nothing": stat /app/nothing: no such file or directory: unknown'],
  [['/app/tool'], 'exec: "/app/tool": stat /app/tool: no such file or directory: unknown'],
  [['./main.js'], 'exec: "./main.js": permission denied: unknown'],
  [['/app'], 'exec: "/app": permission denied: unknown'],
  [['./text'], 'exec: "./text": exec format error: unknown'],
  [['./circle'], 'exec: "/app/circle": too many levels of symbolic links: unknown'],
  [['broken'], 'exec: "broken": executable file not found in $PATH: unknown'],
])('%j cannot be started', async (command, reason) => {
  const { find, root } = await setUp({ 'app/text': 'just text', 'app/circle': '#!/app/circle' })
  await chmod(join(root, 'app/text'), 0o755)
  await expect(find(...command)).rejects.toThrow(`unable to start container process: ${reason}`)
})

test('a container without a command cannot be created', async () => {
  const { find } = await setUp()
  await expect(find()).rejects.toThrow(/^CannotCreateContainerError: .*no command specified$/)
})
