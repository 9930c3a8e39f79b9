/** A proxy before the engine that hands on so many requests and then none: what a process does that dies in between. */
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Hands `left` requests on to `endpoint`, and loses the connection of every later one; the first of them is `died`. */
export async function dyingProxy(endpoint: string, left: number) {
  const { promise: died, resolve: die } = Promise.withResolvers<void>()
  let count = 0
  const server = createServer((incoming, outgoing) => {
    count += 1
    if (count > left) {
      die()
      return void incoming.socket.destroy()
    }
    const { headers, method = 'GET', url = '/' } = incoming
    const onward = request(new URL(url, endpoint), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(outgoing)
    })
    incoming.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    died,
    endpoint: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
