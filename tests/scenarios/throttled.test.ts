/** AWS says "not now": whatever call it refuses, the event is tried again and ends in one right deployment. */
import { expect, test, vi } from 'vitest'
import { Fleet } from './fleet.ts'
import { throttlingProxy } from './throttling-proxy.ts'

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
