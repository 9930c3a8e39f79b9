/** Images of the registry, found by reference and made ready for tasks. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { architecture, type BuiltImage, buildImage, buildIndex, sha256 } from '../ecr/testing.ts'
import { Engine } from '../engine.ts'
import { Blobs, blobPerformers, DigestMismatchError, UploadUnknownError } from './blobs.ts'
import { virtualClock } from './clock.ts'
import { performerOf } from './effects.ts'
import { createImages, type ImageStore } from './images.ts'

const scope = { accountId: '123456789012', region: 'us-east-1' }
const other = { accountId: '210987654321', region: 'eu-west-1' }
let dir = ''
let blobs: Blobs
let engine: Engine
let images: ImageStore

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'images-'))
  blobs = new Blobs(join(dir, 'blobs'))
  engine = new Engine({ clock: virtualClock(), perform: performerOf(blobPerformers(blobs)) })
  images = createImages(blobs, dir)
  await engine.call('ecr', scope, 'CreateRepository', { repositoryName: 'web' })
})
afterEach(() => rmSync(dir, { recursive: true }))

async function push(image: BuiltImage, tag?: string, to = scope): Promise<void> {
  for (const child of image.children) await push(child, undefined, to)
  for (const { digest, bytes } of image.blobs) {
    const uploadId = blobs.begin()
    await blobs.append(uploadId, [bytes])
    const stored = (sizeBytes: number) =>
      engine.report('ecr', to, { kind: 'layer-stored', repositoryName: 'web', digest, sizeBytes })
    await blobs.finish(uploadId, digest, stored)
  }
  const imageTag = tag === undefined ? {} : { imageTag: tag }
  await engine.call('ecr', to, 'PutImage', {
    repositoryName: 'web',
    imageManifest: image.manifest,
    ...imageTag,
  })
}

test.each([
  '127.0.0.1:4566/web:v1',
  'localhost:4566/web:v1',
  '123456789012.dkr.ecr.us-east-1.amazonaws.com/web:v1',
  '123456789012.dkr.ecr.us-east-1.localhost:4566/web:v1',
])('%s is found', async (reference) => {
  const image = buildImage()
  await push(image, 'v1')
  expect(await images.resolve(engine, scope, reference)).toEqual({ repository: 'web', digest: image.digest })
})

test('a digest wins over the tag, and latest is meant where there is neither', async () => {
  const [one, two] = [buildImage(), buildImage({ layers: [] })]
  await push(one, 'latest')
  await push(two, 'v2')
  const resolve = (reference: string) => images.resolve(engine, scope, `127.0.0.1:4566/${reference}`)
  expect(await resolve('web')).toMatchObject({ digest: one.digest })
  expect(await resolve(`web:v2@${one.digest}`)).toMatchObject({ digest: one.digest })
  expect(await resolve(`web@${two.digest}`)).toMatchObject({ digest: two.digest })
})

test('another account and region are reached by their own host name', async () => {
  await engine.call('ecr', other, 'CreateRepository', { repositoryName: 'web' })
  const image = buildImage()
  await push(image, 'v1', other)
  const own = await images.resolve(engine, scope, '127.0.0.1:4566/web:v1')
  expect(own).toHaveProperty('error')
  const theirs = await images.resolve(engine, scope, '210987654321.dkr.ecr.eu-west-1.amazonaws.com/web:v1')
  expect(theirs).toEqual({ repository: 'web', digest: image.digest })
})

test.each(['web:none', 'none:v1', `web@${sha256('none')}`])(
  '%s is not found, as ECS words it',
  async (name) => {
    const reference = `127.0.0.1:4566/${name}`
    const error = `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${reference}: not found`
    expect(await images.resolve(engine, scope, reference)).toEqual({ error })
    await expect(images.pull(engine, scope, reference)).rejects.toThrow(error)
  },
)

test('an image is pulled with its layers, one over the other, and its settings', async () => {
  const config = {
    Entrypoint: ['/bin/run'],
    Cmd: ['now'],
    Env: ['A=1'],
    WorkingDir: '/app',
    StopSignal: 'SIGINT',
  }
  const layers = [
    [
      { path: 'app/a', text: 'a' },
      { path: 'app/b', text: 'b' },
    ],
    [{ path: 'app/.wh.a' }, { path: 'app/b', text: 'new' }],
  ]
  const image = buildImage({ layers, config, compression: 'zstd' })
  await push(image, 'v1')
  const pulled = await images.pull(engine, scope, '127.0.0.1:4566/web:v1')
  expect(pulled).toMatchObject({ digest: image.digest, config })
  expect(readFileSync(join(pulled.root, 'app/b'), 'utf8')).toBe('new')
  expect(existsSync(join(pulled.root, 'app/a'))).toBe(false)
})

test.each(['oci', 'docker'] as const)('an image without layers is an empty folder (%s)', async (flavour) => {
  await push(buildImage({ layers: [], flavour }), 'v1')
  const { root } = await images.pull(engine, scope, '127.0.0.1:4566/web:v1')
  expect(readdirSync(root)).toEqual([])
})

test('out of an index the image for this machine is pulled, or for the platform asked', async () => {
  const foreign = architecture === 's390x' ? 'amd64' : 's390x'
  const own = buildImage({ layers: [[{ path: 'own' }]] })
  const index = buildIndex([buildImage({ layers: [[{ path: 'foreign' }]], architecture: foreign }), own])
  await push(index, 'v1')
  const reference = '127.0.0.1:4566/web:v1'
  const pulled = await images.pull(engine, scope, reference)
  expect([pulled.digest, readdirSync(pulled.root)]).toEqual([index.digest, ['own']])
  const asked = await images.pull(engine, scope, reference, undefined, { os: 'linux', architecture: foreign })
  expect(readdirSync(asked.root)).toEqual(['foreign'])
  const none = images.pull(engine, scope, reference, undefined, { os: 'windows', architecture: 'amd64' })
  await expect(none).rejects.toThrow(
    "image Manifest does not contain descriptor matching platform 'windows/amd64'",
  )
})

test('a task that is pinned to a digest gets that image when the tag has moved on', async () => {
  const [one, two] = [buildImage(), buildImage({ layers: [] })]
  await push(one, 'v1')
  await push(two, 'v1')
  const pulled = await images.pull(engine, scope, '127.0.0.1:4566/web:v1', one.digest)
  expect(pulled.digest).toBe(one.digest)
})

test('many tasks that pull at once share one unpacking', async () => {
  await push(buildImage({ layers: [[{ path: 'x', text: 'x'.repeat(100_000) }]] }), 'v1')
  const pull = () => images.pull(engine, scope, '127.0.0.1:4566/web:v1')
  const roots = await Promise.all(Array.from({ length: 20 }, pull))
  expect(new Set(roots.map(({ root }) => root)).size).toBe(1)
  const { ino } = statSync(roots[0]?.root ?? '')
  expect(statSync((await pull()).root).ino).toBe(ino)
  expect(readdirSync(join(dir, 'images'))).toHaveLength(1)
})

test('an image whose bytes are broken leaves nothing half done', async () => {
  const image = buildImage()
  await push(image, 'v1')
  rmSync(blobs.path(image.blobs[1]?.digest ?? ''))
  const pull = images.pull(engine, scope, '127.0.0.1:4566/web:v1')
  await expect(pull).rejects.toThrow(`CannotPullContainerError: failed to unpack image ${image.digest}`)
  expect(readdirSync(join(dir, 'images'))).toEqual([])
})

test('an upload is whole or not there: what breaks off midway is taken back', async () => {
  const uploadId = blobs.begin()
  await blobs.append(uploadId, [Buffer.from('one ')])
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('half')
    throw new Error('cut off')
  }
  await expect(blobs.append(uploadId, broken())).rejects.toThrow('cut off')
  expect(blobs.received(uploadId)).toBe(4)
  await blobs.append(uploadId, [Buffer.from('two')])
  expect(await blobs.finish(uploadId, sha256('one two'))).toBe(7)
  expect(readFileSync(blobs.path(sha256('one two')), 'utf8')).toBe('one two')
})

test('two who append at once follow one another', async () => {
  const uploadId = blobs.begin()
  await Promise.all(['a', 'b', 'c'].map((text) => blobs.append(uploadId, [Buffer.from(text)])))
  await blobs.finish(uploadId, sha256('abc'))
  await expect(blobs.append(uploadId, [])).rejects.toThrow(UploadUnknownError)
})

test('a wrong digest ends the upload and leaves nothing on disk', async () => {
  const uploadId = blobs.begin()
  await blobs.append(uploadId, [Buffer.from('this')])
  await expect(blobs.finish(uploadId, sha256('that'))).rejects.toThrow(DigestMismatchError)
  await expect(blobs.finish(uploadId, sha256('this'))).rejects.toThrow(UploadUnknownError)
  expect(readdirSync(join(dir, 'blobs'), { recursive: true }).toSorted()).toEqual(['sha256', 'uploads'])
})

test('a new start forgets uploads under way and keeps blobs', async () => {
  const [done, open] = [blobs.begin(), blobs.begin()]
  for (const uploadId of [done, open]) await blobs.append(uploadId, [Buffer.from('x')])
  await blobs.finish(done, sha256('x'))
  const again = new Blobs(join(dir, 'blobs'))
  expect(again.received(open)).toBeUndefined()
  expect(readFileSync(again.path(sha256('x')), 'utf8')).toBe('x')
  await again.clear()
  expect(existsSync(again.path(sha256('x')))).toBe(false)
})
