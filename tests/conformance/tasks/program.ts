/** A program as an image in the engine's registry. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packDirectory } from '@capstan/cli/image/pack.ts'
import { pushImage } from '@capstan/cli/image/push.ts'
import type { TestEngine } from '@capstan/drydock/testing.ts'
import { onTestFinished } from 'vitest'

/** Pushes the text of a Node program as `web:v1`. Returns what the push returns. */
export async function pushProgram(drydock: TestEngine, program: string) {
  const folder = await mkdtemp(join(tmpdir(), 'drydock-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'package.json'), JSON.stringify({ scripts: { start: 'node main.mjs' } }))
  await writeFile(join(folder, 'main.mjs'), program)
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch
  const image = await packDirectory(folder, { platform: `linux/${architecture}` })
  return pushImage(drydock.config, 'web', 'v1', image)
}
