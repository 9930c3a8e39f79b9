import { expect, test } from 'vitest'
import { deployment, good, inFlight, known, record, replaced, service, TWO, view } from './builders.ts'
import type { DeliveryDecision } from './decision.ts'
import { type MetricName, measuresOf } from './measures.ts'
import type { DeliveryView, Hold, Rollback } from './view.ts'

const key = { cluster: 'prod', service: 'web' }
const base = { service: key, facts: {} }
const back: Hold = { reason: 'rolled-back', since: 20_000, images: {}, note: 'it rang' }
const begun = replaced('b', { createdAt: 9000, updatedAt: 12_500 }, 'd-1')

const recorded = (
  reason: 'started' | 'completed' | 'failed' | 'overtaken',
  hold?: Hold,
): DeliveryDecision => ({
  ...base,
  ...{ kind: 'record', reason, deployment: 'd-1', primaryId: 'ecs-svc/2' },
  known: known({ primaryId: 'ecs-svc/2', ...(reason === 'completed' && { completedAt: 12_500 }) }),
  ...(hold && { hold }),
})
const verified = (letters: string, deploymentId?: string): DeliveryDecision => ({
  ...base,
  ...{ kind: 'verify', reason: 'baked', primaryId: 'ecs-svc/2' },
  good: { ...good(letters, 2, { verifiedAt: 65_000 }), ...(deploymentId && { deployment: deploymentId }) },
})
const baked: DeliveryDecision = {
  ...base,
  ...{ kind: 'bake', reason: 'completed', bake: { primaryId: 'ecs-svc/2', since: 31_000 } },
}
const skipped: DeliveryDecision = { ...base, kind: 'skip', reason: 'quarantined' }

const seen = (overrides: Parameters<typeof record>[0], on = begun): DeliveryView =>
  view({ service: on, record: record(overrides), repositories: { web: TWO } })
const deploying = (state: 'intended' | 'started', overrides: Parameters<typeof record>[0] = {}) =>
  seen({ inFlight: inFlight('b', { state }), ...overrides })
const rollback = (overrides: Partial<Rollback> = {}): Rollback => ({
  ...{ of: 'd-1', cause: 'alarm:web-5xx@1', how: 'update', taskDefinitionArn: 'web:1' },
  ...overrides,
})
const goingBack = (state: 'intended' | 'started', overrides: Partial<Rollback> = {}) =>
  seen({ inFlight: inFlight('a', { state, rollback: rollback(overrides) }) })

/** What was primary when the rollback was decided is listed as failed. */
function withFailed(of: DeliveryView): DeliveryView {
  const { service: now } = of
  const failed = deployment({ id: 'ecs-svc/1', status: 'ACTIVE', rolloutState: 'FAILED' })
  return { ...of, service: { ...now, deployments: [now.primary, failed] } }
}

/** The values of a service, by name. */
function valuesOf(of: DeliveryView, ...decisions: DeliveryDecision[]): Partial<Record<MetricName, number>> {
  const measures = measuresOf(of, decisions)
  for (const { by } of measures) expect(by).toEqual({ service: 'prod/web' })
  const metrics = measures.flatMap((each) => each.metrics)
  expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length)
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]))
}

// Image b was pushed at 5000.
const restored = replaced('a', { updatedAt: 32_000 })
test.each<[string, DeliveryView, DeliveryDecision[], Partial<Record<MetricName, number>>]>([
  [
    'a deployment has begun',
    deploying('intended'),
    [recorded('started')],
    { Deployments: 1, PushToStarted: 4 },
  ],
  ['it was seen before', deploying('started'), [recorded('completed')], { PushToDeployed: 7.5 }],
  [
    'it is seen when it has completed',
    deploying('intended'),
    [recorded('completed')],
    { Deployments: 1, PushToStarted: 4, PushToDeployed: 7.5 },
  ],
  ['it failed', deploying('started'), [recorded('failed')], { FailedDeployments: 1 }],
  [
    'it failed before it was seen, and ECS went back',
    deploying('intended'),
    [recorded('failed', back)],
    { Deployments: 1, FailedDeployments: 1, Rollbacks: 1 },
  ],
  ['it was overtaken', deploying('intended'), [recorded('overtaken')], {}],
  [
    'an operator asked for an image',
    deploying('intended', { hold: { ...back, reason: 'requested' } }),
    [recorded('completed')],
    { Deployments: 1 },
  ],
  [
    'the image was pinned only',
    seen({ inFlight: inFlight('a') }),
    [recorded('completed')],
    { Deployments: 1 },
  ],
  [
    'its image is not in the registry any more',
    { ...deploying('intended'), repositories: {} },
    [recorded('completed')],
    { Deployments: 1 },
  ],
  [
    'a rollback has begun',
    goingBack('intended'),
    [recorded('started')],
    { Rollbacks: 1, FailedDeployments: 1 },
  ],
  ['it goes on', goingBack('started'), [recorded('completed')], {}],
  ['it could not begin', goingBack('intended'), [recorded('failed')], {}],
  [
    'it goes back from what was counted as failed',
    goingBack('intended', { cause: 'failed:ecs-svc/2' }),
    [recorded('started')],
    { Rollbacks: 1 },
  ],
  [
    'a person goes back from what ECS has failed and left',
    withFailed(goingBack('intended', { cause: 'requested:ann@1' })),
    [recorded('started')],
    { Rollbacks: 1 },
  ],
  [
    "it goes back from someone else's deployment",
    goingBack('intended', { of: 'ecs-svc/2' }),
    [recorded('started')],
    { Rollbacks: 1 },
  ],
  [
    'what was gone back to is complete',
    seen({ hold: back, bake: { primaryId: 'ecs-svc/1', since: 19_000 } }, restored),
    [baked],
    { TimeToRestore: 12 },
  ],
  [
    'it is when the failure is seen',
    seen({ inFlight: inFlight('b', { state: 'started' }) }, restored),
    [recorded('failed', back), baked],
    { FailedDeployments: 1, Rollbacks: 1, TimeToRestore: 12 },
  ],
  [
    'it was restored before',
    seen({ hold: back, bake: { primaryId: 'ecs-svc/1', since: 25_000 } }, restored),
    [baked],
    {},
  ],
  ['something new is complete', seen({}), [baked], {}],
  [
    'it is good',
    seen({ good: [good('a')] }),
    [verified('b', 'd-1')],
    { FailedDeployments: 0, PushToVerified: 60 },
  ],
  ['it was good before', seen({ good: [good('b')] }), [verified('b', 'd-1')], {}],
  ['someone else deployed what is good', seen({}), [verified('b')], {}],
])('%s', (_name, of, decisions, expected) => {
  expect(valuesOf(of, ...decisions)).toEqual(expected)
})

test('nothing is measured of what is in nobody’s hands', () => {
  expect(measuresOf(view(), [recorded('completed')])).toEqual([])
})

test('a time that runs backwards counts as none', () => {
  const early = { ...deploying('intended'), service: service({ primary: deployment({ createdAt: 1 }) }) }
  expect(valuesOf(early, recorded('started'))).toEqual({ Deployments: 1, PushToStarted: 0 })
})

test('a skip is counted by its reason, not by its service', () => {
  expect(measuresOf(view(), [skipped])).toEqual([
    { by: { reason: 'quarantined' }, metrics: [{ name: 'Skips', unit: 'Count', value: 1 }] },
  ])
})
