/** A directory as a one-layer OCI image. The same files give the same digests, on any machine and at any time. */
import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { Failure } from '@capstan/core/failure.ts'
import * as tar from 'tar'

/** Bytes with the digest that names them. */
export interface Blob {
  readonly digest: string
  readonly mediaType: string
  readonly bytes: Buffer
}

/** An image as it is pushed: its manifest, and the blobs that the manifest names. */
export interface PackedImage {
  readonly manifest: Blob
  readonly config: Blob
  readonly layer: Blob
}

export interface PackOptions {
  /** `os/architecture` as OCI spells them, such as `linux/amd64`. */
  readonly platform: string
}

/** Never part of an image: what belongs to the checkout, not to the program. */
const LEFT_OUT = new Set(['.git', '.DS_Store'])

/**
 * Packs `directory` as an image: its files under /app, its command from package.json's `start` script
 * (OCI image-spec: manifest, config, layer). Throws a Failure if there is no such directory or no start script.
 */
export async function packDirectory(directory: string, { platform }: PackOptions): Promise<PackedImage> {
  const command = await readCommand(directory)
  const layer = await packLayer(directory)
  const config = blob(
    'application/vnd.oci.image.config.v1+json',
    jsonBytes(imageConfig(command, platform, layer)),
  )
  const descriptor = ({ mediaType, digest, bytes }: Blob) => ({ mediaType, digest, size: bytes.length })
  const manifest = blob(
    'application/vnd.oci.image.manifest.v1+json',
    jsonBytes({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: descriptor(config),
      layers: [descriptor(layer)],
    }),
  )
  return { manifest, config, layer }
}

function imageConfig(command: string[], platform: string, layer: Blob) {
  const [os, architecture] = platform.split('/')
  if (!os || !architecture) {
    throw new Failure(
      'INVALID_REQUEST',
      `'${platform}' is not a platform; write it as linux/amd64 or linux/arm64`,
    )
  }
  return {
    architecture,
    os,
    config: {
      Cmd: command,
      WorkingDir: '/app',
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    },
    rootfs: { type: 'layers', diff_ids: [sha256(gunzipSync(layer.bytes))] },
  }
}

async function packLayer(directory: string): Promise<Blob> {
  const files = (await readdir(directory, { recursive: true, withFileTypes: true }))
    .map((entry) => join(entry.parentPath, entry.name).slice(join(directory, '/').length))
    .filter((path) => !path.split('/').some((part) => LEFT_OUT.has(part)))
    .sort()
  const archive = tar.create(
    {
      cwd: directory,
      prefix: 'app',
      portable: true,
      gzip: { level: 6 },
      mtime: new Date(0),
      noDirRecurse: true,
    },
    files,
  )
  const chunks: Buffer[] = []
  for await (const chunk of archive) chunks.push(chunk as Buffer)
  return blob('application/vnd.oci.image.layer.v1.tar+gzip', Buffer.concat(chunks))
}

/** The `start` script as a container command: split at spaces, or run by a shell if it uses one's language. */
async function readCommand(directory: string): Promise<string[]> {
  const start = (await readPackage(directory)).scripts?.start
  if (typeof start !== 'string' || !start.trim()) {
    throw new Failure(
      'INVALID_REQUEST',
      `${join(directory, 'package.json')} has no start script, so the image would have no command. Add "scripts": { "start": "node server.js" }.`,
    )
  }
  return /^[\w@%+=:,./ -]+$/.test(start) ? start.trim().split(/ +/) : ['/bin/sh', '-c', start]
}

async function readPackage(directory: string): Promise<{ scripts?: Record<string, unknown> }> {
  if (!(await stat(directory).catch(() => undefined))?.isDirectory()) {
    throw new Failure(
      'INVALID_REQUEST',
      `There is no directory '${directory}'. Name the folder that holds the program.`,
    )
  }
  const file = join(directory, 'package.json')
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    throw new Failure(
      'INVALID_REQUEST',
      `${file} cannot be read: ${(cause as Error).message}. The image's command is its start script.`,
      { cause },
    )
  }
}

const jsonBytes = (value: unknown) => Buffer.from(JSON.stringify(value))
const sha256 = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
const blob = (mediaType: string, bytes: Buffer): Blob => ({ mediaType, digest: sha256(bytes), bytes })
