/** The fleet's settings, before anything is made with them: what `capstan config check` finds wrong ends the deployment. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** Throws what is wrong with capstan.config.ts, each with its line. */
export function refuseWrongConfig(): void {
  const { root } = $cli.paths
  const command = join(root, 'packages', 'cli', 'bin', 'capstan.js')
  // A process of its own: what checks is bundled with none of this, and knows the fleet's settings as the command does.
  const { error, status, stdout, stderr } = spawnSync('node', [command, 'config', 'check'], {
    cwd: root,
    encoding: 'utf8',
  })
  if (error) throw error
  if (status !== 0) throw new Error(`Nothing was deployed.\n\n${stdout}${stderr}`)
}
