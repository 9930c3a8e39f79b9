import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { formatOf, scriptFormat } from './format.ts'
import { testFolder } from './testing.ts'

test.each([
  ['#!/bin/sh', ['/bin/sh']],
  ['#!/bin/sh\necho', ['/bin/sh']],
  ['#! /usr/bin/env  node --x  \n', ['/usr/bin/env', 'node --x']],
  ['#!\n/bin/sh', 'foreign'],
])('the first line of %j names its interpreter', (head, expected) => {
  expect(scriptFormat(head)).toEqual(expected)
})

test('a program of this machine is native', async () => {
  expect(await formatOf(process.execPath)).toBe('native')
  expect(await formatOf('/bin/sh')).toBe('native')
})

/** A 64-bit ELF file with one program header, as the System V ABI lays it out. */
function elf({ machine = 62, loader = '' }) {
  const file = Buffer.alloc(200)
  file.write('\x7fELF\x02\x01', 'latin1')
  file.writeUInt16LE(machine, 18)
  file.writeBigUInt64LE(64n, 32)
  file.writeUInt16LE(56, 54)
  file.writeUInt16LE(1, 56)
  file.writeUInt32LE(loader ? 3 : 1, 64)
  file.writeBigUInt64LE(120n, 72)
  file.writeBigUInt64LE(BigInt(loader.length + 1), 96)
  file.write(loader, 120)
  return file
}

const ownMachine = process.arch === 'arm64' ? 183 : 62

test.skipIf(process.platform !== 'linux').each([
  ['a static program', elf({ machine: ownMachine }), 'native'],
  ['a program whose loader is here', elf({ machine: ownMachine, loader: '/bin/sh' }), 'native'],
  [
    'a program whose loader is not here',
    elf({ machine: ownMachine, loader: '/lib/ld-other.so.1' }),
    'foreign',
  ],
  ['a program of another processor', elf({ machine: 8 }), 'foreign'],
  ['text', Buffer.from('just text'), 'foreign'],
  ['an empty file', Buffer.alloc(0), 'foreign'],
  ['half a header', elf({ machine: ownMachine }).subarray(0, 20), 'foreign'],
])('%s is told apart', async (_, bytes, expected) => {
  const file = join(await testFolder(), 'program')
  await writeFile(file, bytes)
  expect(await formatOf(file)).toBe(expected)
})
