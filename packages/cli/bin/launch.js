// Starts a TypeScript entry on Node 24: on this Node if it is new enough, else on the one that npm installed beside us.
import { spawn } from 'node:child_process'
import module from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))

/** Compiled code is kept beside what was compiled; `npm install` fills it (scripts/prepare.mjs). */
const compileCache = join(here, '..', '..', '..', 'node_modules', '.cache', 'compiled')

/** A launcher that is killed cannot pass a signal on; its end of the channel closes all the same. */
function endWithParent() {
  process.channel?.unref()
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))
}

/** Runs `entry`, a file of ../src. */
export async function launch(entry) {
  const file = join(here, '..', 'src', entry)
  if (Number(process.versions.node.split('.')[0]) >= 24) {
    module.enableCompileCache(compileCache)
    endWithParent()
    await import(pathToFileURL(file).href)
    return
  }
  const node = module.createRequire(import.meta.url).resolve('node/bin/node')
  const child = spawn(node, [process.argv[1], ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal ? 1 : 0)
  })
}
