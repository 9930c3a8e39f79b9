/** Deployment packages: what is checked of a ZIP file when it is uploaded, and its files when it is unpacked. */
import { createHash } from 'node:crypto'
import { type UnzipFileInfo, unzipSync } from 'fflate'
import { AwsError } from '../wire/errors.ts'
import { isOutside } from './archive-paths.ts'
import { refused } from './errors.ts'

/** Lambda quotas: deployment package of a direct upload (the request as base64), and unzipped. */
const LARGEST_ZIP_BYTES = 50 * 1024 * 1024
const LARGEST_UNZIPPED_BYTES = 262_144_000

export interface Archive {
  readonly size: number
  /** In hexadecimal. */
  readonly sha256: string
  /** In base64, as Lambda shows it. */
  readonly codeSha256: string
}

/** Checks an uploaded ZIP file without unpacking it. Throws what Lambda answers to a bad one. */
export function inspectArchive(zip: Uint8Array): Archive {
  if (zip.byteLength > LARGEST_ZIP_BYTES) {
    throw new AwsError('RequestEntityTooLargeException', 'Request must be smaller than 70167211 bytes', {
      status: 413,
    })
  }
  let unzipped = 0
  const names = listNames(zip, (file) => {
    unzipped += file.originalSize
  })
  if (!names.length) throw refused('Uploaded file must be a non-empty zip')
  if (unzipped > LARGEST_UNZIPPED_BYTES) {
    throw refused(`Unzipped size must be smaller than ${LARGEST_UNZIPPED_BYTES} bytes`)
  }
  const hash = createHash('sha256').update(zip).digest()
  return { size: zip.byteLength, sha256: hash.toString('hex'), codeSha256: hash.toString('base64') }
}

function listNames(zip: Uint8Array, see: (file: UnzipFileInfo) => void): string[] {
  const names: string[] = []
  const filter = (file: UnzipFileInfo) => {
    names.push(file.name)
    see(file)
    return false
  }
  try {
    unzipSync(zip, { filter })
  } catch {
    throw refused('Could not unzip uploaded file. Please check your file, then try to upload again.')
  }
  if (names.some(isOutside))
    throw refused('Could not unzip uploaded file: a path in it leads out of its root.')
  return names
}
