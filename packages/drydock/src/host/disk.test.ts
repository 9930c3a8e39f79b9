import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Home } from '../engine.ts'
import { stateFile } from './disk.ts'

const home: Home = { name: 'sqs', scope: { accountId: '1', region: 'r' }, state: { queues: {} } }

function fileIn(folder: string) {
  const faults: unknown[] = []
  const file = stateFile({ folder, snapshot: () => [home], onFault: (error) => void faults.push(error) })
  return { file, faults }
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'state-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

test('what is written at the end is read at the next start', () => {
  const folder = newFolder()
  const { file } = fileIn(folder)
  expect(file.read()).toEqual([])
  file.changed()
  file.close()
  expect(fileIn(folder).file.read()).toEqual([home])
  expect(readdirSync(folder)).toEqual(['state.json'])
  expect(statSync(join(folder, 'state.json')).mode & 0o777).toBe(0o600)
})

test('nothing is written where nothing has changed, nor after the end', () => {
  const folder = newFolder()
  const { file } = fileIn(folder)
  file.close()
  file.changed()
  expect(readdirSync(folder)).toEqual([])
})

test.each<[string, string, string]>([
  ['half a file', '{"format":"drydock-state","version":2,"homes":[{"na', 'is damaged: it is not whole JSON'],
  ['nothing', '', 'is damaged: it is not whole JSON'],
  ['another kind of file', '{"name":"x"}', 'is no state of Drydock'],
  ['a list', '[]', 'is no state of Drydock'],
  [
    'an older format',
    '{"format":"drydock-state","version":1,"homes":[]}',
    'is of format 1, and this Drydock reads format 2. Start the Drydock that wrote it',
  ],
  ['a newer format', '{"format":"drydock-state","version":9,"homes":[]}', 'is of format 9'],
  [
    'an unknown service',
    '{"format":"drydock-state","version":2,"homes":[{"name":"x","scope":{"accountId":"1","region":"r"},"state":{}}]}',
    'is damaged: a state in it is unknown',
  ],
  ['a state that is none', '{"format":"drydock-state","version":2,"homes":[7]}', 'is damaged: a state in it'],
])('%s is refused by name, and left as it is', (_label, text, problem) => {
  const folder = newFolder()
  const path = join(folder, 'state.json')
  writeFileSync(path, text)
  expect(() => fileIn(folder).file.read()).toThrow(`${path} ${problem}`)
  expect(() => fileIn(folder).file.read()).toThrow('remove its folder to start empty')
  expect(readFileSync(path, 'utf8')).toBe(text)
})

test('a file that cannot be written is reported, and does not stop the engine', () => {
  const { file, faults } = fileIn(join(newFolder(), 'gone'))
  file.changed()
  file.close()
  expect(faults).toHaveLength(1)
})
