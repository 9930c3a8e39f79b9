// Makes a fresh clone ready: `npm ci`, when the lock file is not what was installed last. Runs on Node 20, needs nothing.
import { spawnSync } from 'node:child_process'
import { lockHash, read, root, stamp } from './installed.mjs'

if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error(
    `Capstan needs Node 20 or newer to set itself up; this is ${process.version}. Install a newer Node.`,
  )
  process.exit(1)
}
if (read(stamp) !== lockHash()) {
  console.error('Setting up: npm ci (once, and again after the dependencies change) …')
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  if (npm.status !== 0) {
    console.error('npm ci failed; its message is above. Nothing was started.')
    process.exit(npm.status ?? 1)
  }
}
