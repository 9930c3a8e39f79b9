import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { Parser } from 'tar'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { packDirectory } from './pack.ts'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'capstan-pack-'))
  await mkdir(join(directory, 'lib'))
  await mkdir(join(directory, '.git'))
  await writeFile(join(directory, '.git', 'HEAD'), 'ref')
  await writeFile(join(directory, 'lib', 'page.js'), 'export const page = 1')
  await writeFile(join(directory, 'server.js'), 'console.log(1)')
  await startScript('node server.js')
})
afterEach(() => rm(directory, { recursive: true }))

const startScript = (start: string) =>
  writeFile(join(directory, 'package.json'), JSON.stringify({ scripts: { start } }))
const pack = () => packDirectory(directory, { platform: 'linux/amd64' })
const configOf = async () => JSON.parse((await pack()).config.bytes.toString())

async function pathsIn(layer: Buffer): Promise<string[]> {
  const paths: string[] = []
  const parser = new Parser({
    onReadEntry: (entry) => {
      paths.push(entry.path)
      entry.resume()
    },
  })
  await new Promise((resolve) => parser.on('end', resolve).end(gunzipSync(layer)))
  return paths
}

test('files lie under /app, without what belongs to the checkout', async () => {
  const { layer } = await pack()
  expect(await pathsIn(layer.bytes)).toEqual([
    'app/lib/',
    'app/lib/page.js',
    'app/package.json',
    'app/server.js',
  ])
})

test('the same files give the same digests, whenever they were written', async () => {
  const first = await pack()
  await utimes(join(directory, 'server.js'), new Date(1), new Date(2))
  const second = await pack()
  expect(second.manifest.digest).toBe(first.manifest.digest)
  await writeFile(join(directory, 'server.js'), 'console.log(2)')
  expect((await pack()).manifest.digest).not.toBe(first.manifest.digest)
})

test.each<[string, string[]]>([
  ['node server.js', ['node', 'server.js']],
  ['node --enable-source-maps ./server.js', ['node', '--enable-source-maps', './server.js']],
  ['PORT=1 node server.js && echo "done"', ['/bin/sh', '-c', 'PORT=1 node server.js && echo "done"']],
])('the start script %s is the command', async (script, command) => {
  await startScript(script)
  expect((await configOf()).config.Cmd).toEqual(command)
})

test('the manifest names blobs by the digests of their bytes', async () => {
  const { manifest, config, layer } = await pack()
  const parsed = JSON.parse(manifest.bytes.toString())
  expect(parsed.config.digest).toBe(config.digest)
  expect(parsed.layers).toEqual([
    { mediaType: layer.mediaType, digest: layer.digest, size: layer.bytes.length },
  ])
})

test('the platform is what is asked for', async () => {
  const { config } = await packDirectory(directory, { platform: 'linux/arm64' })
  expect(JSON.parse(config.bytes.toString())).toMatchObject({ os: 'linux', architecture: 'arm64' })
  await expect(packDirectory(directory, { platform: 'arm' })).rejects.toThrow("'arm' is not a platform")
})

test('a folder without a start script, or no folder, is refused with what to do', async () => {
  await writeFile(join(directory, 'package.json'), '{}')
  await expect(pack()).rejects.toThrow('has no start script')
  await writeFile(join(directory, 'package.json'), '{')
  await expect(pack()).rejects.toThrow('cannot be read')
  await expect(packDirectory(join(directory, 'nowhere'), { platform: 'linux/amd64' })).rejects.toThrow(
    'There is no directory',
  )
})
