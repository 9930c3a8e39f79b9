/**
 * The bytes of image layers on disk, named by their digest. An upload is hashed while it is written and becomes a blob
 * by one rename, so that a blob is whole or not there; what was cut off midway leaves nothing behind.
 */
import { createHash, type Hash, randomUUID } from 'node:crypto'
import { createReadStream, mkdirSync, type ReadStream, renameSync, rmSync } from 'node:fs'
import { type FileHandle, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { EcrEffect } from '../ecr/effects.ts'
import type { Engine } from '../engine.ts'
import type { Scope } from '../service.ts'
import type { Performers } from './effects.ts'

type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** Both ends are counted in, as in HTTP. */
export interface ByteRange {
  readonly first: number
  readonly last: number
}

/** No upload has this id (any more). */
export class UploadUnknownError extends Error {
  override readonly name = 'UploadUnknownError'
}

/** What was uploaded hashes to something else than the uploader said. */
export class DigestMismatchError extends Error {
  override readonly name = 'DigestMismatchError'
}

/** Other bytes have come before those that were to be appended. */
export class OutOfOrderError extends Error {
  override readonly name = 'OutOfOrderError'
}

interface Upload {
  readonly path: string
  size: number
  hash: Hash
  /** Appends and the end of an upload follow one another. */
  last: Promise<unknown>
}

const DIGEST = /^sha256:([a-f0-9]{64})$/

/** Blobs under a folder. Uploads that an earlier process left there are forgotten. */
export class Blobs {
  readonly #home: string
  readonly #incoming: string
  readonly #uploads = new Map<string, Upload>()

  constructor(dir: string) {
    this.#home = join(dir, 'sha256')
    this.#incoming = join(dir, 'uploads')
    rmSync(this.#incoming, { recursive: true, force: true })
    for (const folder of [this.#home, this.#incoming]) mkdirSync(folder, { recursive: true })
  }

  /** Begins an upload. Returns its id, a new UUID unless told. */
  begin(uploadId: string = randomUUID()): string {
    this.#uploads.set(uploadId, newUpload(join(this.#incoming, randomUUID())))
    return uploadId
  }

  /** Bytes that an upload holds; `undefined` if there is no such upload. */
  received(uploadId: string): number | undefined {
    return this.#uploads.get(uploadId)?.size
  }

  /**
   * Appends `chunks` as a whole or not at all, and only if the upload then holds `from` bytes, where that is given.
   * Returns the bytes held since. Throws UploadUnknownError, OutOfOrderError, or what `chunks` throws.
   */
  append(uploadId: string, chunks: Chunks, from?: number): Promise<number> {
    return this.#inTurn(uploadId, (upload) => {
      if (from === undefined || from === upload.size) return append(upload, chunks)
      throw new OutOfOrderError(`The bytes from ${from} on do not follow the ${upload.size} bytes received`)
    })
  }

  /**
   * Makes an upload the blob `digest` (`sha256:…`), and at once calls `stored`, so that no sweep can come between.
   * Returns the size in bytes. Throws UploadUnknownError or DigestMismatchError; either way the upload is over.
   */
  finish(uploadId: string, digest: string, stored?: (sizeBytes: number) => void): Promise<number> {
    return this.#inTurn(uploadId, async (upload) => {
      const actual = `sha256:${upload.hash.digest('hex')}`
      if (actual !== digest) {
        await this.#drop(uploadId, upload)
        throw new DigestMismatchError(`The bytes uploaded have the digest ${actual}, not ${digest}`)
      }
      if (!upload.size) await (await open(upload.path, 'a')).close()
      this.#uploads.delete(uploadId)
      renameSync(upload.path, this.path(digest))
      stored?.(upload.size)
      return upload.size
    })
  }

  /** Ends an upload, if there is one, and forgets its bytes. */
  async cancel(uploadId: string): Promise<void> {
    if (this.#uploads.has(uploadId)) await this.#inTurn(uploadId, (upload) => this.#drop(uploadId, upload))
  }

  /** A blob's bytes, or a part of them. */
  read(digest: string, range?: ByteRange): ReadStream {
    return createReadStream(this.path(digest), range && { start: range.first, end: range.last })
  }

  /** Where a blob's bytes lie. */
  path(digest: string): string {
    const [, hex] = DIGEST.exec(digest) ?? []
    if (!hex) throw new TypeError(`'${digest}' is not a SHA-256 digest`)
    return join(this.#home, hex)
  }

  /** Removes every blob that `isReferenced` does not want, asking right before each removal. */
  async sweep(isReferenced: (digest: string) => boolean): Promise<void> {
    for (const hex of await readdir(this.#home)) {
      if (!isReferenced(`sha256:${hex}`)) rmSync(join(this.#home, hex), { force: true })
    }
  }

  /** Forgets all blobs and uploads. */
  async clear(): Promise<void> {
    await Promise.all([...this.#uploads.keys()].map((uploadId) => this.cancel(uploadId)))
    await this.sweep(() => false)
  }

  /** Runs `work` when what was asked of the same upload before is done. */
  async #inTurn<T>(uploadId: string, work: (upload: Upload) => Promise<T>): Promise<T> {
    const upload = this.#uploads.get(uploadId)
    if (!upload) throw new UploadUnknownError(`There is no upload ${uploadId}`)
    const turn = upload.last.then(() => {
      if (this.#uploads.get(uploadId) === upload) return work(upload)
      throw new UploadUnknownError(`The upload ${uploadId} is over`)
    })
    upload.last = turn.catch(() => {})
    return await turn
  }

  async #drop(uploadId: string, upload: Upload): Promise<void> {
    this.#uploads.delete(uploadId)
    await rm(upload.path, { force: true })
  }
}

const newUpload = (path: string): Upload => ({
  path,
  size: 0,
  hash: createHash('sha256'),
  last: Promise.resolve(),
})

async function append(upload: Upload, chunks: Chunks): Promise<number> {
  const hash = upload.hash.copy()
  const file = await open(upload.path, 'a')
  let size = upload.size
  try {
    for await (const chunk of chunks) {
      hash.update(chunk)
      await writeAll(file, chunk)
      size += chunk.byteLength
    }
  } catch (error) {
    await file.truncate(upload.size)
    if (!upload.size) await rm(upload.path, { force: true })
    throw error
  } finally {
    await file.close()
  }
  Object.assign(upload, { size, hash })
  return size
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let rest = chunk; rest.byteLength; ) {
    const { bytesWritten } = await file.write(rest)
    rest = rest.subarray(bytesWritten)
  }
}

/** Performs what ECR asks for. */
export function blobPerformers(blobs: Blobs): Performers<EcrEffect> {
  return {
    async 'append-layer-part'({ uploadId, firstByte, part }) {
      if (firstByte === 0) blobs.begin(uploadId)
      if (blobs.received(uploadId) !== undefined) await blobs.append(uploadId, [part])
    },
    async 'complete-layer-upload'({ repositoryName, uploadId, digest }, scope, engine) {
      try {
        await blobs.finish(uploadId, digest, (sizeBytes) =>
          engine.report('ecr', scope, { kind: 'layer-stored', repositoryName, digest, sizeBytes, uploadId }),
        )
      } catch (error) {
        const reason = refusalOf(error)
        engine.report('ecr', scope, { kind: 'layer-refused', repositoryName, uploadId, digest, reason })
      }
    },
    async 'sweep-layers'(_effect, _scope, engine) {
      await sweepLayers(blobs, engine)
    },
  }
}

function refusalOf(error: unknown): 'digest-mismatch' | 'lost' {
  if (error instanceof DigestMismatchError) return 'digest-mismatch'
  if (error instanceof UploadUnknownError) return 'lost'
  throw error
}

/** Removes the blobs that no repository of any account and region has. Also right after a start on kept state. */
export async function sweepLayers(blobs: Blobs, engine: Engine): Promise<void> {
  await engine.load('ecr')
  await blobs.sweep((digest) =>
    scopesOf(engine).some((scope) =>
      Object.values(engine.state('ecr', scope).repositories).some(({ layers }) =>
        Object.hasOwn(layers, digest),
      ),
    ),
  )
}

const scopesOf = (engine: Engine): Scope[] =>
  engine.snapshot().flatMap(({ name, scope }) => (name === 'ecr' ? [scope] : []))
