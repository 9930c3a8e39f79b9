/** Debian's Knot DNS with one UDP worker, in a folder of its own, authoritative for one zone. */

import { Resolver } from 'node:dns/promises'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { end, freePort, start } from './measure.ts'

export interface NameServer extends AsyncDisposable {
  readonly port: number
  readonly pid: number
}

/** Serves `zone` as `masterFile` says. Throws where it does not start. */
export async function startKnot(zone: string, masterFile: string): Promise<NameServer> {
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'drydock-knot-'))
  await writeFile(join(folder, 'zone'), masterFile)
  const file = join(folder, 'knot.conf')
  await writeFile(file, configOf(folder, port, zone))
  const child = start('knotd', ['-c', file])
  const stop = async () => {
    await end(child)
    await rm(folder, { recursive: true })
  }
  try {
    await untilItAnswers(port, zone)
    return { port, pid: child.pid ?? 0, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}

const configOf = (folder: string, port: number, zone: string) => `
server:
  rundir: ${folder}
  listen: 127.0.0.1@${port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: ${folder}
zone:
  - domain: ${zone}
    storage: ${folder}
    file: zone
`

/** Resolves when the zone's SOA is given. Throws after two seconds without. */
export async function untilItAnswers(port: number, zone: string, tries = 100): Promise<void> {
  const resolver = new Resolver({ timeout: 1000, tries: 1 })
  resolver.setServers([`127.0.0.1:${port}`])
  try {
    await resolver.resolveSoa(zone)
  } catch (error) {
    if (tries === 1)
      throw new Error(`The name server at port ${port} does not answer for ${zone}`, { cause: error })
    await wait(20)
    await untilItAnswers(port, zone, tries - 1)
  }
}
