/** What a program that started the engine is told, and how it ends. */
import type { Drydock } from '@capstan/drydock'

/** The one line of `--json`. `dns` and `console` are null until the engine has them. */
export function readyLine({ endpoint }: Drydock): string {
  const ready = {
    endpoint,
    dns: null,
    console: null,
    region: 'us-east-1',
    accountId: '123456789012',
    pid: process.pid,
  }
  return JSON.stringify(ready)
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1))
        resolve(signal)
      })
    }
  })
}
