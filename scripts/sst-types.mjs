// Unpacks sst's own sources and the types of its providers into .sst/platform, unless those of this version are there: with
// them stacks/ is type-checked, and sst runs without asking for them. Needs the npm registry, no account of AWS.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { read, root } from './installed.mjs'

const { version } = JSON.parse(read(join(root, 'node_modules', 'sst', 'package.json')) ?? '{}')
const platform = join(root, '.sst', 'platform')
const isThere =
  read(join(platform, 'version')) === version && read(join(platform, 'config.d.ts')) !== undefined
const binaries = join(root, 'node_modules', '.bin')

if (!isThere) {
  console.error('Unpacking the types of sst (once, and again after its version changes) …')
  const sst = spawnSync('sst', ['install', '--stage', 'types'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
    env: {
      ...process.env,
      PATH: `${binaries}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}`,
      SST_TELEMETRY_DISABLED: '1',
      // It would download Pulumi and bun, neither of which this needs: bun is among the packages.
      SST_SKIP_DEPENDENCY_CHECK: '1',
      SST_BUN_PATH: join(binaries, 'bun'),
    },
  })
  if (sst.status !== 0) process.exit(sst.status ?? 1)
}
