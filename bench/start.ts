/** From the start of the engine's process to its first ECS answer, and its memory then; moto_server in the same run. */
import { setTimeout as wait } from 'node:timers/promises'
import { end, freePort, type Measured, median, memoryOf, start } from './measure.ts'

const RUNS = 7
const ASK_EVERY_MS = 4
const GIVE_UP_AFTER_MS = 20_000

interface Start {
  readonly milliseconds: number
  readonly megabytes: number
}

/** Measures both, turn by turn. Throws where a server does not answer. Without moto_server its column is left out. */
export async function measureStart(): Promise<Measured[]> {
  const ours: Start[] = []
  const theirs: Start[] = []
  for (let run = 0; run < RUNS; run++) {
    ours.push(
      await startOnce(process.execPath, (port) => ['packages/cli/bin/drydock.js', '--port', `${port}`]),
    )
    const peer = await startOnce('moto_server', (port) => ['-p', `${port}`]).catch(() => undefined)
    if (peer) theirs.push(peer)
  }
  const of = (starts: Start[], key: keyof Start) => median(starts.map((one) => one[key]))
  const peer = (key: keyof Start, scale: number) =>
    theirs.length ? { peer: { name: 'moto_server', value: of(theirs, key) / scale } } : {}
  return [
    {
      what: 'start to first ECS answer',
      value: of(ours, 'milliseconds') / 1000,
      unit: 's',
      limit: 0.4,
      ...peer('milliseconds', 1000),
    },
    {
      what: 'memory at rest after it',
      value: of(ours, 'megabytes'),
      unit: 'MB',
      limit: 110,
      ...peer('megabytes', 1),
    },
  ]
}

async function startOnce(command: string, argsOf: (port: number) => string[]): Promise<Start> {
  const port = await freePort()
  const started = performance.now()
  const child = start(command, argsOf(port))
  const failed = new Promise<never>((_, reject) => child.once('error', reject))
  try {
    await Promise.race([firstAnswer(port, started), failed])
    const milliseconds = performance.now() - started
    await wait(1000) // at rest: what start-up left behind has been collected or never will be
    return { milliseconds, megabytes: memoryOf(child.pid ?? 0) }
  } finally {
    await end(child)
  }
}

async function firstAnswer(port: number, started: number): Promise<void> {
  for (;;) {
    const response = await listClusters(port).catch(() => undefined)
    if (response?.ok && 'clusterArns' in ((await response.json()) as object)) return
    if (performance.now() - started > GIVE_UP_AFTER_MS) throw new Error(`No ECS answer on port ${port}`)
    await wait(ASK_EVERY_MS)
  }
}

function listClusters(port: number): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}/`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AmazonEC2ContainerServiceV20141113.ListClusters',
      authorization:
        'AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/ecs/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: '{}',
  })
}
