import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { takeFolder, takeTemporaryFolder } from './folder.ts'
import { StartError } from './start-error.ts'

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'folder-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** The process id of a program that has ended. */
const deadPid = () => spawnSync(process.execPath, ['-e', '']).pid

test('a folder is made where there is none, and one engine at a time uses it', () => {
  const path = join(newFolder(), 'a', 'b')
  const folder = takeFolder(path)
  expect(() => takeFolder(path)).toThrow(StartError)
  folder.release()
  folder.release()
  takeFolder(path).release()
  expect(existsSync(join(path, 'lock'))).toBe(false)
})

test.each<[string, () => string]>([
  ['a dead process', () => String(deadPid())],
  ['an earlier process with the same id', () => String(process.pid)],
  ['nobody: the lock is damaged', () => 'garbage'],
])('a lock of %s is taken over', (_label, owner) => {
  const path = newFolder()
  writeFileSync(join(path, 'lock'), owner())
  const folder = takeFolder(path)
  expect(readFileSync(join(path, 'lock'), 'utf8')).toBe(`${process.pid}\n`)
  folder.release()
})

test('a lock of a living process is respected, and named', () => {
  const path = newFolder()
  writeFileSync(join(path, 'lock'), String(process.ppid))
  expect(() => takeFolder(path)).toThrow(
    `Another engine (process ${process.ppid}) uses the data folder ${path}`,
  )
})

test('a folder that cannot be made is refused with its name', () => {
  const file = join(newFolder(), 'file')
  writeFileSync(file, '')
  expect(() => takeFolder(join(file, 'below'))).toThrow(
    `The data folder ${join(file, 'below')} cannot be used`,
  )
})

test('a temporary folder goes with its engine, and those of dead engines are swept', () => {
  const parent = newFolder()
  const dead = join(parent, `drydock-${deadPid()}-abcdef`)
  const living = join(parent, `drydock-${process.ppid}-abcdef`)
  const foreign = join(parent, 'drydock-notes')
  for (const path of [dead, living, foreign]) mkdirSync(path)
  const folder = takeTemporaryFolder(parent)
  expect([dead, living, foreign, folder.path].map((path) => existsSync(path))).toEqual([
    false,
    true,
    true,
    true,
  ])
  const second = takeTemporaryFolder(parent)
  expect(existsSync(folder.path)).toBe(true)
  folder.release()
  second.release()
  expect(existsSync(folder.path)).toBe(false)
})
