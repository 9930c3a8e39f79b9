/** A proxy before the engine that refuses one operation, as AWS does when it is asked too often. */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Hands requests on to `endpoint`; while `refused` names an operation, that one is throttled as AWS does it. */
export async function throttlingProxy(endpoint: string) {
  const state = { refused: '', count: 0 }
  const server = createServer((incoming, outgoing) => {
    if (state.refused && String(incoming.headers['x-amz-target']).endsWith(`.${state.refused}`)) {
      state.count += 1
      throttle(outgoing)
    } else handOn(incoming, outgoing, endpoint)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(state, {
    endpoint: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

function throttle(outgoing: ServerResponse): void {
  outgoing.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' })
  outgoing.end(JSON.stringify({ __type: 'ThrottlingException', message: 'Rate exceeded' }))
}

function handOn(incoming: IncomingMessage, outgoing: ServerResponse, endpoint: string): void {
  const { headers, method = 'GET', url = '/' } = incoming
  const onward = request(new URL(url, endpoint), { method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
    answer.pipe(outgoing)
  })
  incoming.pipe(onward)
}
