/** A stack's state as Pulumi keeps it in a folder, in the form that sst reads: encrypted with a passphrase, and empty of secrets. */
import { createCipheriv, pbkdf2Sync, randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Writes the state of `stack` (`organization/project/stage`) under `backend`. */
export function writeState(backend: string, stack: string, resources: readonly object[]): void {
  const [, project = '', stage = ''] = stack.split('/')
  const latest = {
    manifest: { time: new Date(0).toISOString(), magic: '', version: '' },
    secrets_providers: {
      type: 'passphrase',
      state: { salt: saltOf(process.env.PULUMI_CONFIG_PASSPHRASE ?? '') },
    },
    resources,
  }
  const file = join(backend, '.pulumi', 'stacks', project, `${stage}.json`)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify({ version: 3, checkpoint: { stack, latest } }))
}

/** By what Pulumi tells whether a passphrase is right: the word `pulumi`, encrypted with a key that is derived from it. */
function saltOf(passphrase: string): string {
  const [salt, nonce] = [randomBytes(8), randomBytes(12)]
  const cipher = createCipheriv('aes-256-gcm', pbkdf2Sync(passphrase, salt, 1_000_000, 32, 'sha256'), nonce)
  const check = Buffer.concat([cipher.update('pulumi'), cipher.final(), cipher.getAuthTag()])
  const [saltText, nonceText, checkText] = [salt, nonce, check].map((bytes) => bytes.toString('base64'))
  return `v1:${saltText}:v1:${nonceText}:${checkText}`
}
