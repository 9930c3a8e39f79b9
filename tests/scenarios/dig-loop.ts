/**
 * One dig that asks again and again: it reads its questions line by line, so that asking ten times a second costs no
 * processes. Over UDP, each question once, a second for its answer.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Answer } from './name-sightings.ts'

export interface DigLoop {
  /** Asks for the name's A records. Resolves with nothing where no answer came. One question at a time. */
  ask(name: string): Promise<Answer | undefined>
  /** Resolves when dig has ended. */
  stop(): Promise<void>
}

/** Starts a dig that asks the server at `address` (`127.0.0.1:5353`). */
export function digLoop(address: string): DigLoop {
  const [server, port = ''] = address.split(':')
  const shown = ['+noall', '+comments', '+answer', '+stats']
  // Without stdbuf dig keeps what it prints until it has filled a block.
  const child = spawn(
    'stdbuf',
    ['-oL', 'dig', `@${server}`, '-p', port, '+tries=1', '+time=1', ...shown, '-f', '-'],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  return {
    async ask(name) {
      const askedAt = Date.now()
      child.stdin.write(`${name} A\n`)
      const addresses = await readAnswer(lines)
      return addresses && { askedAt, answeredAt: Date.now(), addresses }
    },
    async stop() {
      child.stdin.end()
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}

/** The addresses of one answer, whose last line but two says how long it took; nothing where dig has given up. */
async function readAnswer(lines: AsyncIterator<string>): Promise<string[] | undefined> {
  const addresses: string[] = []
  for (;;) {
    const { value, done } = await lines.next()
    if (done || value.startsWith(';; no servers could be reached')) return undefined
    if (value.startsWith(';; MSG SIZE')) return addresses
    const [, address] = /\sIN\s+A\s+(\S+)$/.exec(value) ?? []
    if (address) addresses.push(address)
  }
}
