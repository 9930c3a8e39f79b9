/**
 * From a push accepted by the registry to UpdateService accepted by ECS, and the AWS calls in between, ledger included.
 * Everything is real: the registry, the event, the function in Lambda with its own SDK. Only the tasks run no program.
 */
import diagnostics from 'node:diagnostics_channel'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkout } from '../packages/cli/src/config-file.ts'
import { startCapstan } from '../packages/cli/src/dev/dev.ts'
import { createExample, EXAMPLE } from '../packages/cli/src/dev/example.ts'
import { packDirectory } from '../packages/cli/src/image/pack.ts'
import { pushImage } from '../packages/cli/src/image/push.ts'
import { type Measured, median } from './measure.ts'

const PUSHES = 25
/** The first ones start the functions' environments and fill their caches. */
const WARM_UP = 5

interface Push {
  readonly milliseconds: number
  readonly calls: number
}

/** Measures `PUSHES` pushes, one after another. */
export async function measurePush(): Promise<Measured[]> {
  const { drydock, sdk } = await startCapstan(
    { port: 0, tasks: 'simulated' },
    join(checkout, 'capstan.config.ts'),
  )
  const program = await mkdtemp(join(tmpdir(), 'capstan-bench-'))
  try {
    await writeFile(join(program, 'package.json'), JSON.stringify({ scripts: { start: 'node server.js' } }))
    await createExample(sdk, join(checkout, 'examples', 'web', 'v1'))
    const pushes: Push[] = []
    for (let version = 1; version <= PUSHES; version++) {
      await drydock.engine.settle()
      await writeFile(join(program, 'server.js'), `// version ${version}`)
      const image = await packDirectory(program, { platform: 'linux/amd64' })
      const measuring = nextDeployment()
      await pushImage(sdk, EXAMPLE.repository, `1.0.${version}`, image)
      pushes.push(await measuring)
    }
    const warm = pushes.slice(WARM_UP)
    return [
      {
        what: 'push to UpdateService accepted, median',
        value: median(warm.map((p) => p.milliseconds)),
        unit: 'ms',
        limit: 60,
      },
      {
        what: 'AWS calls per push and service',
        value: Math.max(...warm.map((p) => p.calls)),
        unit: 'calls',
        limit: 8,
      },
    ]
  } finally {
    await drydock.close()
    await rm(program, { recursive: true })
  }
}

/** Listens to this process's HTTP server: from the manifest's PUT to the answer of UpdateService, counting API calls. */
function nextDeployment(): Promise<Push> {
  return new Promise((resolve) => {
    let pushedAt: number | undefined
    let calls = 0
    const onFinish = (message: unknown) => {
      const { request } = message as { request: IncomingMessage }
      const target = request.headers['x-amz-target']
      if (request.method === 'PUT' && /\/manifests\//.test(request.url ?? '')) pushedAt = performance.now()
      if (pushedAt === undefined || target === undefined) return
      calls++
      if (!String(target).endsWith('.UpdateService')) return
      diagnostics.unsubscribe('http.server.response.finish', onFinish)
      resolve({ milliseconds: performance.now() - pushedAt, calls })
    }
    diagnostics.subscribe('http.server.response.finish', onFinish)
  })
}
