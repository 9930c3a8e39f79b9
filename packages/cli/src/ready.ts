/** What a program that started the engine is told, and how it ends. */
import type { Drydock } from '@capstan/drydock'

/** The one line of `--json`. `dns` is an address and a port; `console` is null until the engine has one. */
export function readyLine({ endpoint, dns }: Drydock): string {
  const ready = {
    endpoint,
    dns: dns ?? null,
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
