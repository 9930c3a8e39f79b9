import { good, known, view } from '@capstan/core/builders.ts'
import type { DeliveryDecision } from '@capstan/core/decision.ts'
import { expect, test } from 'vitest'
import type { DecisionEntry } from './ledger/rows.ts'
import { deliveryLine, discoveryLine } from './line.ts'

const key = { cluster: 'prod', service: 'web' }
const decided = { service: key, facts: { running: '1.0.0' } }
const entry: DecisionEntry = {
  ...{ ...key, id: 'p-1.0', at: 1000, kind: 'deploy', reason: 'newer-image', facts: decided.facts },
  sentence: 'Deploys web 1.1.0.',
}
const to = { repository: 'web', digest: 'sha256:b', tag: '1.1.0' }
const change = (container: string, digest: string) => ({ container, from: 'web', to: { ...to, digest } })
const deploy: DeliveryDecision = {
  ...decided,
  ...{
    kind: 'deploy',
    reason: 'newer-image',
    changes: [change('app', 'sha256:b'), change('log', 'sha256:c')],
  },
  ...{ baseTaskDefinitionArn: 'web:1', basePrimaryId: 'ecs-svc/1' },
}

test.each<[string, DeliveryDecision, DecisionEntry, object]>([
  [
    'what is begun, of which ECS has no id yet',
    deploy,
    { ...entry, deployment: 'd-1' },
    { service: 'prod/web', deployment: 'd-1', digest: 'sha256:b sha256:c' },
  ],
  [
    'what became of it',
    { ...decided, kind: 'verify', reason: 'baked', primaryId: 'ecs-svc/2', good: good('b') },
    entry,
    { service: 'prod/web', ecsDeployment: 'ecs-svc/2', digest: good('b').images.app?.digest },
  ],
  [
    'what was found',
    { ...decided, kind: 'adopt', reason: 'first-seen', known: known() },
    entry,
    { service: 'prod/web', ecsDeployment: 'ecs-svc/1', digest: good('a').images.app?.digest },
  ],
])('a line says %s', (_name, decision, written, delivery) => {
  const { facts, id, kind, reason, sentence } = written
  expect(deliveryLine(decision, written, view())).toEqual({
    message: sentence,
    fields: { delivery, decision: { id, kind, reason, facts } },
  })
})

test('a line about a name says whose tasks are found there', () => {
  const facts = { name: 'web.example.com', tasks: 2 }
  expect(discoveryLine({ ...entry, facts }, ['t-1', 't-2']).fields).toEqual({
    discovery: { service: 'prod/web', target: 'web.example.com', tasks: 't-1 t-2' },
    decision: { id: 'p-1.0', kind: 'deploy', reason: 'newer-image', facts },
  })
  expect(discoveryLine(entry, []).fields).toMatchObject({ discovery: { service: 'prod/web' } })
})
