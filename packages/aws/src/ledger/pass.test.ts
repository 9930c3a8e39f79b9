import type { DeliveryDecision } from '@capstan/core/decision.ts'
import { DEFAULT_GUARD } from '@capstan/core/guard-settings.ts'
import type { DeliveryView, InFlight, ServiceRecord } from '@capstan/core/view.ts'
import { expect, test } from 'vitest'
import { passOf, rejectionOf } from './pass.ts'
import { decisionEntry, deploymentEntry, parseRow, rowOf, serviceRecord } from './rows.ts'
import { decisionRow, deploymentRow, serviceRow } from './table.ts'

const service = { cluster: 'prod', service: 'web' }
const tools = {
  now: 1000,
  id: 'pass-2',
  explain: ({ kind, reason }: DeliveryDecision) => `${kind}: ${reason}`,
  fingerprint: ({ kind, reason }: DeliveryDecision) => `${kind} ${reason}`,
}
const image = (digest: string) => ({ repository: 'web', digest, tag: digest })
const known = {
  serviceCreatedAt: 0,
  primaryId: 'ecs-svc/1',
  taskDefinitionArn: 'web:1',
  images: { app: image('a') },
}

const blank: ServiceRecord = { ...service, version: 1, repositories: ['web'], quarantine: {}, problems: [] }
const inFlight: InFlight = {
  id: 'pass-1',
  images: { app: image('b') },
  state: 'intended',
  intendedAt: 500,
  basePrimaryId: 'ecs-svc/1',
}

function viewWith(record: ServiceRecord | undefined, enrolled = true): DeliveryView {
  const track = { container: 'app', repository: 'web', include: [], ignore: [], downgrade: 'never' as const }
  const primary = {
    id: 'ecs-svc/1',
    status: 'PRIMARY' as const,
    taskDefinitionArn: 'web:1',
    rolloutState: 'COMPLETED' as const,
    createdAt: 0,
    updatedAt: 0,
    failedTasks: 0,
  }
  return {
    service: {
      ...service,
      arn: 'arn',
      createdAt: 0,
      desiredCount: 1,
      primary,
      deployments: [primary],
      registeredBy: undefined,
      containers: [],
      platform: { os: 'linux', architecture: 'amd64' },
      tags: {},
    },
    settings: {
      enrolled,
      source: 'tags',
      tracks: enrolled ? [{ ...track, policy: { kind: 'off' } }] : [],
      guard: DEFAULT_GUARD,
      problems: [],
    },
    record,
    repositories: {},
  }
}

const base = { service, facts: { tag: '1.1.0' } }
const skip: DeliveryDecision = { ...base, kind: 'skip', reason: 'already-running' }
const adopt: DeliveryDecision = { ...base, kind: 'adopt', reason: 'first-seen', known }
const deploy: DeliveryDecision = {
  ...base,
  kind: 'deploy',
  reason: 'newer-image',
  changes: [{ container: 'app', from: 'web:1', to: image('c') }],
  baseTaskDefinitionArn: 'web:1',
  basePrimaryId: 'ecs-svc/1',
}
const recorded = (reason: 'started' | 'completed' | 'failed' | 'overtaken'): DeliveryDecision => ({
  ...base,
  kind: 'record',
  reason,
  deployment: 'pass-1',
  primaryId: 'ecs-svc/2',
  known,
  ...(reason === 'failed' && { failedDigests: ['b'] }),
})

test('first sight makes the record, on the condition that there is none', () => {
  expect(passOf(viewWith(undefined), [adopt, skip], tools)).toEqual({
    service,
    expects: undefined,
    record: { ...blank, lastDecision: 'skip already-running', known },
    begun: [],
    updates: [],
    decisions: [
      {
        ...base,
        ...service,
        service: 'web',
        id: 'pass-2.0',
        at: 1000,
        kind: 'adopt',
        reason: 'first-seen',
        sentence: 'adopt: first-seen',
      },
      {
        ...base,
        ...service,
        service: 'web',
        id: 'pass-2.1',
        at: 1000,
        kind: 'skip',
        reason: 'already-running',
        sentence: 'skip: already-running',
      },
    ],
    snapshots: [],
    forgotten: [],
    events: [],
    lines: [lineOf('adopt', 'first-seen', 'pass-2.0'), lineOf('skip', 'already-running', 'pass-2.1')],
    measures: [{ by: { reason: 'already-running' }, metrics: [{ name: 'Skips', unit: 'Count', value: 1 }] }],
  })
})

/** The line of a decision about what runs. */
function lineOf(kind: string, reason: string, id: string) {
  const delivery = {
    service: 'prod/web',
    ecsDeployment: 'ecs-svc/1',
  }
  return {
    message: `${kind}: ${reason}`,
    fields: { delivery, decision: { id, kind, reason, facts: base.facts } },
  }
}

test('an intent is the record, a new deployment and the reason', () => {
  const pass = passOf(viewWith(blank), [deploy], tools)
  expect(pass).toMatchObject({
    expects: 1,
    record: { version: 2, inFlight: { id: 'pass-2', state: 'intended' } },
  })
  expect(pass?.begun).toMatchObject([
    { id: 'pass-2', state: 'intended', timeline: [{ at: 1000, what: 'intended' }] },
  ])
  expect(pass?.decisions).toMatchObject([{ kind: 'deploy', deployment: 'pass-2' }])
})

test('an overtaken deployment is told so in the same pass', () => {
  const pass = passOf(
    viewWith({ ...blank, inFlight }),
    [recorded('started'), { ...deploy, supersedes: 'pass-1' }],
    tools,
  )
  expect(pass?.updates).toEqual([
    {
      id: 'pass-1',
      state: 'superseded',
      primaryId: 'ecs-svc/2',
      note: 'Overtaken by pass-2.',
      milestones: [
        { at: 1000, what: 'started' },
        { at: 1000, what: 'superseded', note: 'Overtaken by pass-2.' },
      ],
    },
  ])
  expect(pass?.record.inFlight?.id).toBe('pass-2')
})

test('carrying on begins no deployment, but takes the intent over', () => {
  const pass = passOf(
    viewWith({ ...blank, inFlight }),
    [{ ...deploy, reason: 'unfinished-intent', resumes: 'pass-1' }],
    tools,
  )
  expect(pass?.begun).toEqual([])
  expect(pass?.record).toMatchObject({ version: 2, inFlight: { id: 'pass-1', intendedAt: 1000 } })
  expect(pass?.updates).toEqual([
    { id: 'pass-1', state: 'intended', milestones: [{ at: 1000, what: 'resumed' }] },
  ])
})

test.each([
  ['completed', 'completed', undefined, {}],
  ['failed', 'failed', 'record: failed', { b: expect.any(String) }],
  ['overtaken', 'superseded', 'record: overtaken', {}],
] as const)('%s ends the deployment as %s', (reason, state, note, quarantine) => {
  const pass = passOf(viewWith({ ...blank, inFlight }), [recorded(reason)], tools)
  expect(pass?.record).not.toHaveProperty('inFlight')
  expect(pass?.record).toMatchObject({ quarantine })
  expect(pass?.updates).toMatchObject([{ id: 'pass-1', state, ...(note && { note }) }])
})

test.each<[string, DeliveryView, readonly DeliveryDecision[]]>([
  ['the same decision as last time', viewWith({ ...blank, lastDecision: 'skip already-running' }), [skip]],
  ['a service that is not enrolled and has no record', viewWith(undefined, false), [skip]],
  ['no decision', viewWith(blank), []],
])('%s writes nothing', (_, view, decisions) => {
  expect(passOf(view, decisions, tools)).toBeUndefined()
})

test('changed settings are written even where the decision is the same', () => {
  const record = { ...blank, repositories: ['old'], lastDecision: 'skip already-running' }
  const pass = passOf(viewWith(record), [skip], tools)
  expect(pass).toMatchObject({ record: { version: 2, repositories: ['web'] }, decisions: [] })
})

test('what AWS rejects ends the deployment and quarantines its new images', () => {
  const both = { ...inFlight, images: { ...inFlight.images, side: image('side') } }
  const ran = { ...known, images: { side: image('side') } }
  const pass = rejectionOf({ ...blank, known: ran, inFlight: both }, 'ECS said no', 2000)
  expect(pass).toMatchObject({
    expects: 1,
    record: { version: 2 },
    updates: [{ id: 'pass-1', state: 'failed', note: 'ECS said no' }],
  })
  expect(pass.record.quarantine).toEqual({ b: 'ECS said no' })
  expect(pass.record).not.toHaveProperty('inFlight')
})

test('every row that a pass writes can be read again', () => {
  const first = passOf(viewWith(blank), [deploy], tools)
  if (!first) throw new Error('The pass is empty')
  const [begun, decision] = [first.begun[0], first.decisions[0]]
  expect(parseRow(serviceRecord, rowOf(serviceRow(service), first.record))).toEqual(first.record)
  expect(parseRow(deploymentEntry, { ...begun, ...deploymentRow(service, 'pass-2') })).toEqual(begun)
  expect(parseRow(decisionEntry, { ...decision, ...decisionRow(service, 'pass-2.0') })).toEqual(decision)
})

test('a row that something else wrote is refused by its place', () => {
  expect(() => parseRow(serviceRecord, { ...serviceRow(service), version: 'one' })).toThrow(
    expect.objectContaining({ code: 'INVALID_CONFIG', message: expect.stringContaining('SERVICE prod/web') }),
  )
})
