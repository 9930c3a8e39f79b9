/** The two views of a deployment agree, whatever is done to a rolling service. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openServiceDeployment } from './open-deployment.ts'
import type { ServiceRecord } from './state.ts'
import { goodReport, type Rehearsal, rehearse } from './testing.ts'

const KINDS = [
  'deploy',
  'roll-back',
  'abort',
  'alarm',
  'break',
  'catch-up',
  'catch-up',
  'wait',
  'restart',
] as const
type Kind = (typeof KINDS)[number]

function stageWithService(): Rehearsal {
  const stage = rehearse()
  stage.call('CreateCluster', {})
  register(stage)
  stage.call('CreateService', {
    serviceName: 'app',
    taskDefinition: 'app',
    desiredCount: 2,
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
    deploymentConfiguration: {
      deploymentCircuitBreaker: { enable: true, rollback: true },
      alarms: { enable: true, rollback: true, alarmNames: ['errors'] },
    },
  })
  return stage
}

const register = (stage: Rehearsal) =>
  stage.call('RegisterTaskDefinition', {
    family: 'app',
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    cpu: '256',
    memory: '512',
    containerDefinitions: [{ name: 'app', image: 'app:1' }],
  })

function theService({ state }: Rehearsal): ServiceRecord {
  const [service] = Object.values(state.services)
  if (!service) throw new Error('There is no service')
  return service
}

function stop(stage: Rehearsal, stopType: 'ROLLBACK' | 'ABORT'): void {
  const open = openServiceDeployment(theService(stage))
  if (!open || (stopType === 'ABORT' && open.rollback)) return
  const serviceDeploymentArn = `arn:aws:ecs:us-east-1:123456789012:service-deployment/default/app/${open.id}`
  stage.call('StopServiceDeployment', { serviceDeploymentArn, stopType })
}

/** Answers all that is asked: alarms as told, starts of programs well or not. */
function catchUp(stage: Rehearsal, kind: Kind): void {
  for (let round = 0; round < 6; round++) {
    for (const effect of stage.asked()) {
      const isAlarm = kind === 'alarm' && effect.kind === 'look-at-alarms'
      const isBreak = kind === 'break' && effect.kind === 'start-container'
      if (isAlarm)
        stage.answer(effect, { ...effect, kind: 'alarms-seen', alarms: [{ name: 'errors', state: 'ALARM' }] })
      else if (isBreak)
        stage.answer(effect, {
          kind: 'start-failed',
          taskArn: effect.taskArn,
          container: 'app',
          reason: 'no',
        })
      else stage.answer(effect, goodReport(effect))
    }
    stage.advance(2_500)
  }
}

function play(stage: Rehearsal, kind: Kind): void {
  if (kind === 'deploy') {
    register(stage)
    stage.call('UpdateService', { service: 'app', taskDefinition: 'app' })
  } else if (kind === 'roll-back') stop(stage, 'ROLLBACK')
  else if (kind === 'abort') stop(stage, 'ABORT')
  else if (kind === 'wait') stage.advance(70_000)
  else if (kind === 'restart') {
    for (const effect of stage.asked()) stage.answer(effect, undefined)
    stage.report({ kind: 'host-restarted' })
  } else catchUp(stage, kind)
}

/** A service deployment is open just as long as the PRIMARY deployment is in progress, and names it. */
function expectAgreement(stage: Rehearsal): void {
  const service = theService(stage)
  const [primary] = service.deployments
  const open = openServiceDeployment(service)
  expect(open !== undefined).toBe(primary?.rolloutState === 'IN_PROGRESS')
  if (open) expect(open.rollback?.deploymentId ?? open.deploymentId).toBe(primary?.id)
  for (const { targetRevisionId, sourceRevisionIds, rollback } of service.serviceDeployments) {
    const named = [targetRevisionId, ...sourceRevisionIds, ...(rollback ? [rollback.revisionId] : [])]
    for (const id of named) expect(service.revisions[id]).toBeDefined()
  }
  const ended = service.serviceDeployments.filter((each) => each !== open)
  for (const { finishedAt, finalCounts } of ended) expect([finishedAt, finalCounts]).not.toContain(undefined)
}

test('a service deployment is open while its deployment is in progress, and then keeps how it ended', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...KINDS), { minLength: 1, maxLength: 30 }), (story) => {
      const stage = stageWithService()
      for (const kind of story) {
        play(stage, kind)
        expectAgreement(stage)
      }
    }),
    { numRuns: 200 },
  )
})
