/** A gateway in front of given packages that notes each input and answers what it is told. */

import { randomUUID } from 'node:crypto'
import { closeServer, createHttpServer, listen, type Mount } from '@capstan/drydock/host/http.ts'
import type { ServiceEntry } from '@capstan/drydock/services.ts'
import { gateway } from '@capstan/drydock/wire/gateway.ts'
import type { ClientPackage } from './clients.ts'

export interface Recorder {
  endpoint: string
  /** The input of the last call. */
  input: unknown
  /** What the next call answers, unless there is a fault. */
  reply: unknown
  fault: unknown
  /** Bugs that the gateway met. */
  readonly faults: unknown[]
  close(): Promise<void>
}

/** Starts a recorder on a free port. Its gateway knows the packages as the engine's knows its services. */
export async function startRecorder(
  packages: readonly ClientPackage[],
  mounts: (recorder: Recorder) => readonly Mount[] = () => [],
): Promise<Recorder> {
  const models = new Map<string, ClientPackage['model']>(packages.map(({ name, model }) => [name, model]))
  const faults: unknown[] = []
  const services = Object.fromEntries(packages.map((each) => [each.name, entryOf(each)]))
  const listener = gateway({
    services,
    load: async (name) => models.get(name) ?? Promise.reject(new Error(`No package ${name}`)),
    execute: (_name, _operation, input) => {
      recorder.input = input
      if (recorder.fault !== undefined) throw recorder.fault
      return recorder.reply
    },
    newRequestId: randomUUID,
    onFault: (error) => void faults.push(error),
  })
  const recorder: Recorder = {
    endpoint: '',
    input: undefined,
    reply: undefined,
    fault: undefined,
    faults,
    close: () => closeServer(server),
  }
  const server = createHttpServer([{ path: '', listener }, ...mounts(recorder)])
  recorder.endpoint = await listen(server, '127.0.0.1', 0)
  return recorder
}

function entryOf({ model }: ClientPackage): ServiceEntry {
  const { signingName, target, version } = model
  return { signingName, target, version, maxBodyBytes: 70 * 1024 * 1024, load: async () => model }
}
