/** Registration by name when answers come late, or are refusals: what is left registered is what runs. */
import { expect, test } from 'vitest'
import type { EcsEffect } from './effects.ts'
import { goodReport, type Rehearsal, rehearse } from './testing.ts'

const REGISTRY = 'arn:aws:servicediscovery:us-east-1:123456789012:service/srv-1'

/** A service of one task, whose effects are answered but for those of the registry. */
function stage() {
  const rehearsal = rehearse()
  rehearsal.call('CreateCluster', {})
  rehearsal.call('RegisterTaskDefinition', {
    family: 'web',
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    cpu: '256',
    memory: '512',
    containerDefinitions: [{ name: 'web', image: 'web:1' }],
  })
  rehearsal.call('CreateService', {
    serviceName: 'web',
    taskDefinition: 'web',
    desiredCount: 1,
    launchType: 'FARGATE',
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
    serviceRegistries: [{ registryArn: REGISTRY }],
  })
  go(rehearsal)
  return rehearsal
}

const isOfRegistry = ({ kind }: EcsEffect) => kind.endsWith('-instance')
const askedOf = (rehearsal: Rehearsal) => rehearsal.asked().filter(isOfRegistry)
const taskOf = ({ state }: Rehearsal) => Object.values(state.tasks)[0]

/** Answers what is asked, and lets three seconds pass. */
function go(rehearsal: Rehearsal): void {
  for (let step = 0; step < 30; step++) {
    for (const effect of rehearsal.asked())
      if (!isOfRegistry(effect)) rehearsal.answer(effect, goodReport(effect))
    rehearsal.advance(100)
  }
}

test('a task that stops while it is being registered is deregistered as soon as it has been', () => {
  const rehearsal = stage()
  const [register] = askedOf(rehearsal)
  expect(register).toMatchObject({
    kind: 'register-instance',
    address: '10.0.0.4',
    attributes: { ECS_SERVICE_NAME: 'web' },
  })
  rehearsal.call('UpdateService', { service: 'web', desiredCount: 0 })
  go(rehearsal)
  expect(taskOf(rehearsal)?.lastStatus).toBe('STOPPED')
  expect(askedOf(rehearsal)).toEqual([register])
  if (register) rehearsal.answer(register, goodReport(register))
  expect(askedOf(rehearsal)).toMatchObject([{ kind: 'deregister-instance', registryArn: REGISTRY }])
})

test('a task counts as healthy only when it is registered, and what is refused is tried again', () => {
  const rehearsal = stage()
  const taskArn = taskOf(rehearsal)?.arn ?? ''
  for (const effect of askedOf(rehearsal)) {
    rehearsal.answer(effect, { kind: 'instance-refused', taskArn, registryArn: REGISTRY, reason: 'full' })
  }
  expect([askedOf(rehearsal).length, taskOf(rehearsal)?.wasHealthy]).toEqual([0, undefined])
  rehearsal.advance(10_000)
  const again = askedOf(rehearsal)
  expect(again).toHaveLength(1)
  for (const effect of again) rehearsal.answer(effect, goodReport(effect))
  go(rehearsal)
  expect(taskOf(rehearsal)?.wasHealthy).toBe(true)
})

test('after a restart of the engine an unanswered registration is taken to have happened, and is undone', () => {
  const rehearsal = stage()
  const before = taskOf(rehearsal)?.id
  rehearsal.report({ kind: 'host-restarted' })
  go(rehearsal)
  const undone = askedOf(rehearsal).filter(({ kind }) => kind === 'deregister-instance')
  expect(undone).toMatchObject([{ instanceId: before }])
})
