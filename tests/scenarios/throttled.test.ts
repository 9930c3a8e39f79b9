/** AWS says "not now": whatever call it refuses, the event is tried again and ends in one right deployment. */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test, vi } from 'vitest'
import { Fleet } from './fleet.ts'

/** Hands requests on to `endpoint`; while `refused` names an operation, that one is throttled as AWS does it. */
async function throttlingProxy(endpoint: string) {
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

test.each(['Query', 'BatchGetImage', 'RegisterTaskDefinition', 'UpdateService'])(
  'where %s is throttled, Lambda is left to try again, and the image is deployed once',
  async (operation) => {
    await using fleet = await Fleet.withWeb()
    await using proxy = await throttlingProxy(fleet.engine.endpoint)
    vi.stubEnv('AWS_ENDPOINT_URL', proxy.endpoint)
    fleet.coldStart()
    const digest = await fleet.push('web', '1.1.0')
    const [event] = await fleet.takeEvents('image-pushed')
    proxy.refused = operation
    await expect(fleet.wake('image-pushed', event)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(proxy.count).toBeGreaterThan(1)
    proxy.refused = ''
    await fleet.advance('60s')
    await fleet.wake('image-pushed', event)
    await fleet.settle()
    expect(await fleet.serviceNow('web')).toMatchObject({
      images: { app: `${fleet.uri}@${digest}` },
      revision: 2,
      rolloutState: 'COMPLETED',
    })
    const { record, states } = await fleet.story('web')
    expect(states).toEqual(['completed'])
    expect(record?.quarantine).toEqual({})
    expect(await fleet.deadLetters()).toEqual([])
  },
)
