import { expect, test } from 'vitest'
import type { ServiceRecord, TargetHealthNote, TaskRecord, TaskTarget } from './state.ts'
import { failedCheckOf, failedChecksAt, healthyAt } from './task-health.ts'

const ARN = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/1'

const targetIn = (state: TargetHealthNote['state'], reason?: string): TaskTarget => ({
  ...{ targetGroupArn: ARN, containerName: 'app', containerPort: 80, port: 8080, phase: 'registered' },
  health: { state, ...(reason !== undefined && { reason }) },
})

/** A task that runs since 1 s. */
const taskWith = (more: Partial<TaskRecord>) =>
  ({ id: 't', lastStatus: 'RUNNING', startedAt: 1000, ...more }) as TaskRecord
const serviceWith = (healthCheckGracePeriodSeconds?: number) =>
  ({ ...(healthCheckGracePeriodSeconds !== undefined && { healthCheckGracePeriodSeconds }) }) as ServiceRecord

test.each<[string, Partial<TaskRecord>, number | undefined]>([
  ['without any check, after a while', {}, 3000],
  ['not before it runs', { lastStatus: 'ACTIVATING' }, undefined],
  ['not while its containers are UNKNOWN', { healthStatus: 'UNKNOWN' }, undefined],
  ['at once when its containers are HEALTHY', { healthStatus: 'HEALTHY' }, 1000],
  ['at once when its target is healthy', { targets: [targetIn('healthy')] }, 1000],
  ['not while its target is initial', { targets: [targetIn('initial')] }, undefined],
  ['not while one of its targets is not', { targets: [targetIn('healthy'), targetIn('unused')] }, undefined],
  [
    'not while its target is healthy but its containers are not',
    { healthStatus: 'UNKNOWN', targets: [targetIn('healthy')] },
    undefined,
  ],
])('a task counts as healthy: %s', (_, more, expected) => {
  expect(healthyAt(taskWith(more))).toBe(expected)
})

test.each<[string, Partial<TaskRecord>, number | undefined, number | undefined]>([
  ['an unhealthy container, from the start', { healthStatus: 'UNHEALTHY' }, undefined, 1000],
  ['an unhealthy container, after the grace period', { healthStatus: 'UNHEALTHY' }, 60, 61_000],
  ['an unhealthy target, after the grace period', { targets: [targetIn('unhealthy')] }, 60, 61_000],
  ['a target that is not known yet, never', { targets: [targetIn('initial')] }, 0, undefined],
  ['a container that is not known yet, never', { healthStatus: 'UNKNOWN' }, 0, undefined],
])('a failed check counts: %s', (_, more, grace, expected) => {
  expect(failedChecksAt(taskWith(more), serviceWith(grace))).toBe(expected)
})

test('what has failed is told in the words of AWS', () => {
  const targets = [targetIn('healthy'), targetIn('unhealthy', 'Request timed out')]
  expect(failedCheckOf(taskWith({ targets }))).toEqual({
    message: `(port 8080) is unhealthy in (target-group ${ARN}) due to (reason Request timed out).`,
    stoppedReason: `Task failed ELB health checks in (target-group ${ARN})`,
  })
  expect(failedCheckOf(taskWith({ healthStatus: 'UNHEALTHY' }))).toEqual({
    message: 'failed container health checks.',
    stoppedReason: 'Task failed container health checks',
  })
})
