/**
 * Queries over UDP. Answers to what came in one turn of the event loop leave together, at its end: a client that is
 * woken by the first finds the others, which halves what sending costs.
 */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Ask } from './ask.ts'

/** Some thousand queries, for as long as the engine does something else. The system may allow less. */
const RECEIVE_BUFFER_BYTES = 4 << 20

/** Listens on an address. Rejects where the port is taken. */
export async function listenUdp(ask: Ask, host: string, port: number): Promise<Socket> {
  const udp = createSocket({
    type: 'udp4',
    recvBufferSize: RECEIVE_BUFFER_BYTES,
    // Answers go to addresses, which need no looking up and no turn of the event loop for it.
    lookup: (address, _, found) => found(null, address, 4),
  })
  const send = sender(udp)
  udp.on('message', (message, { address, port }) => {
    ask(message, 'udp', (answer) => {
      if (answer) send({ answer, port, address })
    })
  })
  const listening = once(udp, 'listening')
  udp.bind(port, host)
  await listening
  udp.on('error', () => {})
  return udp
}

interface Datagram {
  readonly answer: Buffer
  readonly port: number
  readonly address: string
}

/** A client that has gone away is no fault; a closed socket is the end of the engine. */
function sender(udp: Socket): (datagram: Datagram) => void {
  let waiting: Datagram[] = []
  const sendAll = () => {
    const datagrams = waiting
    waiting = []
    for (const { answer, port, address } of datagrams) udp.send(answer, port, address)
  }
  udp.once('close', () => {
    waiting = []
  })
  return (datagram) => {
    if (!waiting.length) setImmediate(sendAll)
    waiting.push(datagram)
  }
}
