/** Layers over one another, and what a hostile one cannot do. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { buildTar, type Entry } from '../ecr/testing.ts'
import { unpackLayer } from './unpack.ts'

let home = ''
const root = () => join(home, 'root')
const at = (path: string) => join(root(), path)
const text = (path: string) => readFileSync(at(path), 'utf8')

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'unpack-'))
  mkdirSync(root())
  writeFileSync(join(home, 'outside.txt'), 'untouched')
})
afterEach(() => rmSync(home, { recursive: true }))

async function unpack(...layers: (readonly Entry[])[]): Promise<void> {
  for (const entries of layers) await unpackBytes(buildTar(entries))
}

async function unpackBytes(bytes: Uint8Array): Promise<void> {
  writeFileSync(join(home, 'layer'), bytes)
  await unpackLayer(join(home, 'layer'), root())
}

const folder = (path: string): Entry => ({ path, type: 'Directory' })
const file = (path: string, content = path): Entry => ({ path, text: content })
const symlinkTo = (path: string, linkpath: string): Entry => ({ path, type: 'SymbolicLink', linkpath })

test.each<[string, (bytes: Buffer) => Uint8Array]>([
  ['plain', (bytes) => bytes],
  ['gzip', gzipSync],
  ['zstd', zstdCompressSync],
])('a %s layer is unpacked, folders made as needed', async (_, compress) => {
  const large = 'x'.repeat(300_000)
  await unpackBytes(compress(buildTar([file('a/b/c.txt', 'deep'), file('large', large)])))
  expect(text('a/b/c.txt')).toBe('deep')
  expect(text('large')).toBe(large)
})

test('modes are kept, except those that lend rights', async () => {
  await unpack([
    { path: 'run', text: '#!', mode: 0o4755 },
    { path: 'read-only', type: 'Directory', mode: 0o555 },
    file('read-only/in'),
  ])
  expect(lstatSync(at('run')).mode & 0o7777).toBe(0o755)
  expect(text('read-only/in')).toBe('read-only/in')
})

test('a later layer replaces files, folders and links of an earlier one', async () => {
  await unpack(
    [file('a', 'old'), folder('b'), file('b/in'), symlinkTo('c', 'a'), folder('kept'), file('kept/old')],
    [file('a', 'new'), file('b', 'a file now'), file('c', 'no link now'), folder('kept'), file('kept/new')],
  )
  expect([text('a'), text('b'), text('c')]).toEqual(['new', 'a file now', 'no link now'])
  expect([text('kept/old'), text('kept/new')]).toEqual(['kept/old', 'kept/new'])
})

test('a whiteout removes what is below, not what its own layer adds', async () => {
  await unpack(
    [file('gone'), file('dir/gone'), file('dir/stays'), file('again', 'old')],
    [file('again', 'new'), file('.wh.again', ''), file('.wh.gone', ''), file('dir/.wh.gone', '')],
  )
  expect(existsSync(at('gone')) || existsSync(at('dir/gone'))).toBe(false)
  expect([text('dir/stays'), text('again')]).toEqual(['dir/stays', 'new'])
})

test.each([['first'], ['last']])(
  'an opaque whiteout, %s in its layer, hides all that is below',
  async (where) => {
    const opaque = file('dir/.wh..wh..opq', '')
    const added = [folder('dir'), file('dir/sub/new')]
    await unpack(
      [file('dir/old'), file('dir/sub/old')],
      where === 'first' ? [opaque, ...added] : [...added, opaque],
    )
    expect(existsSync(at('dir/old')) || existsSync(at('dir/sub/old'))).toBe(false)
    expect(text('dir/sub/new')).toBe('dir/sub/new')
  },
)

test('links stay links, and lead to where the image means them to', async () => {
  await unpack([
    file('usr/bin/busybox', 'box'),
    symlinkTo('bin', 'usr/bin'),
    symlinkTo('usr/sh', '/bin/busybox'),
    symlinkTo('etc/up', '../../../../usr/bin/busybox'),
    { path: 'hard', type: 'Link', linkpath: 'usr/bin/busybox' },
  ])
  expect(readlinkSync(at('bin'))).toBe('usr/bin')
  expect([text('bin/busybox'), text('usr/sh'), text('etc/up'), text('hard')]).toEqual([
    'box',
    'box',
    'box',
    'box',
  ])
})

test('an entry below a link of an earlier layer lands where the link leads, inside', async () => {
  await unpack([folder('usr/bin'), symlinkTo('bin', '/usr/bin')], [file('bin/tool', 'here')])
  expect(text('usr/bin/tool')).toBe('here')
})

test('devices and pipes are left out', async () => {
  await unpack([{ path: 'null', type: 'CharacterDevice' }, { path: 'pipe', type: 'FIFO' }, file('ok')])
  expect(existsSync(at('null')) || existsSync(at('pipe'))).toBe(false)
  expect(text('ok')).toBe('ok')
})

test('an empty layer is fine', async () => {
  await unpack([])
  await unpackBytes(gzipSync(Buffer.alloc(1024)))
})

test('what is no tar file is refused', async () => {
  await expect(unpackBytes(Buffer.from('no tar file at all'.repeat(100)))).rejects.toThrow()
  await expect(unpackBytes(gzipSync(buildTar([file('a')])).subarray(0, 40))).rejects.toThrow()
})

test('a layer that breaks off within a file is refused', async () => {
  const tar = buildTar([file('large', 'x'.repeat(300_000))])
  await expect(unpackBytes(tar.subarray(0, tar.length - 200_000))).rejects.toThrow()
})

test('nothing of a layer is written after it was refused', async () => {
  const files = buildTar(Array.from({ length: 20 }, (_, n) => file(`${n}`))).subarray(0, 20 * 1024)
  await expect(unpackBytes(Buffer.concat([files, Buffer.alloc(1024, 'x')]))).rejects.toThrow('checksum')
  const there = readdirSync(root())
  await unpack([folder('next')])
  expect(readdirSync(root()).sort()).toEqual([...there, 'next'].sort())
})

test.each<[string, Entry[]]>([
  ['by ..', [file('../outside.txt', 'bad')]],
  ['by an absolute path', [file('/../outside.txt', 'bad')]],
  ['through a link upwards', [symlinkTo('up', '..'), file('up/outside.txt', 'bad')]],
  ['through a link to a link', [symlinkTo('a', 'b'), symlinkTo('b', '../..'), file('a/outside.txt', 'bad')]],
  ['by a hard link', [{ path: 'hard', type: 'Link', linkpath: '../outside.txt' }, file('hard', 'bad')]],
  ['by removing', [file('../.wh.outside.txt', '')]],
])('nothing outside of the folder is changed: %s', async (_, entries) => {
  await unpack(entries).catch(() => {})
  expect(readFileSync(join(home, 'outside.txt'), 'utf8')).toBe('untouched')
})

test('links in a circle end with an error', async () => {
  await expect(unpack([symlinkTo('a', 'b'), symlinkTo('b', 'a'), file('a/x')])).rejects.toThrow(
    'Too many links',
  )
})

const name = fc.constantFrom('a', 'b', '..', '.', '/', '.wh.a', '.wh..wh..opq', 'outside.txt')
const path = fc.array(name, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'))
const entry = fc.record({
  path,
  type: fc.constantFrom('File', 'Directory', 'SymbolicLink', 'Link'),
  linkpath: path,
}) satisfies fc.Arbitrary<Entry>

test('no sequence of layers reaches outside', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(entry, { maxLength: 6 }), { maxLength: 3 }), async (layers) => {
      rmSync(root(), { recursive: true })
      mkdirSync(root())
      await unpack(...layers).catch(() => {})
      expect(readFileSync(join(home, 'outside.txt'), 'utf8')).toBe('untouched')
    }),
    { numRuns: 150 },
  )
})
