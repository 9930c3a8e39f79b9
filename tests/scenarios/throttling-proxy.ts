/** A proxy before the engine that fails one operation, as AWS does when it is asked too often or loses an answer. */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * Hands requests on to `endpoint`. While `refused` names an operation, that one is throttled as AWS does it; while
 * `lost` names one, it takes effect and is answered with 500.
 */
export async function throttlingProxy(endpoint: string) {
  const state = { refused: '', lost: '', count: 0 }
  const server = createServer((incoming, outgoing) => {
    const operation = String(incoming.headers['x-amz-target']).split('.').at(-1)
    const isLost = operation === state.lost
    if (isLost || operation === state.refused) state.count += 1
    if (operation === state.refused) fail(outgoing, 400, 'ThrottlingException', 'Rate exceeded')
    else handOn(incoming, outgoing, endpoint, isLost)
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

function fail(outgoing: ServerResponse, status: number, __type: string, message: string): void {
  outgoing.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
  outgoing.end(JSON.stringify({ __type, message }))
}

function handOn(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  endpoint: string,
  isLost: boolean,
): void {
  const { headers, method = 'GET', url = '/' } = incoming
  const onward = request(new URL(url, endpoint), { method, headers }, (answer) => {
    if (isLost) {
      answer.resume()
      return answer.on('end', () => fail(outgoing, 500, 'ServerException', 'The answer was lost'))
    }
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
    return answer.pipe(outgoing)
  })
  incoming.pipe(onward)
}
