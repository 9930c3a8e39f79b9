import { expect, test } from 'vitest'
import { ownEvent } from './own-events.ts'

const TOLD = {
  images: { app: { repository: 'web', digest: 'sha256:ab', tag: '1.1.0' } },
  reason: 'alarm',
  sentence: 'Rolls prod/web back to 1.0.0.',
  facts: { alarm: 'web-5xx', crashes: 3 },
  decision: '01J-1.0',
  at: 1000,
}
const SERVICE = { cluster: 'prod', service: 'web', arn: 'arn:aws:ecs:us-east-1:1:service/prod/web' }

function event(type: string, detail: object, source = 'capstan') {
  return { version: '0', id: 'e-1', source, 'detail-type': type, detail }
}

test.each(['Started', 'Completed', 'Failed', 'Verified', 'Rolled Back', 'Held'])(
  'Capstan Deployment %s is about a service',
  (word) => {
    const type = `Capstan Deployment ${word}`
    const detail = { service: SERVICE, deployment: 'd-1', ...TOLD }
    expect(ownEvent.parse(event(type, { ...detail, new: 1 }))).toEqual({
      source: 'capstan',
      'detail-type': type,
      detail,
    })
    expect(ownEvent.safeParse(event(type, TOLD)).success).toBe(false)
  },
)

test('Capstan Held is about all services', () => {
  expect(ownEvent.parse(event('Capstan Held', { scope: 'fleet', ...TOLD })).detail).toMatchObject({
    scope: 'fleet',
  })
  expect(ownEvent.safeParse(event('Capstan Held', { service: SERVICE, ...TOLD })).success).toBe(false)
})

test.each<[string, unknown]>([
  ['another source', event('Capstan Deployment Held', { service: SERVICE, ...TOLD }, 'aws.ecs')],
  ['another type', event('Capstan Deployment Done', { service: SERVICE, ...TOLD })],
  ['no decision', event('Capstan Deployment Held', { service: SERVICE, ...TOLD, decision: '' })],
  [
    'a fact that is no plain value',
    event('Capstan Deployment Held', { service: SERVICE, ...TOLD, facts: { a: {} } }),
  ],
  ['null', null],
])('%s is none of them', (_, input) => {
  expect(ownEvent.safeParse(input).success).toBe(false)
})
