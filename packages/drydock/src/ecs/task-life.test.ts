import { expect, test } from 'vitest'
import type { EcsEffect, EcsReport } from './effects.ts'
import { STEP_MS, STOPPED_TASK_KEPT_MS } from './pace.ts'
import type { TaskRecord } from './state.ts'
import { goodReport, type Rehearsal, rehearse } from './testing.ts'

const FARGATE = { networkMode: 'awsvpc', requiresCompatibilities: ['FARGATE'], cpu: '256', memory: '512' }
const NETWORK = { awsvpcConfiguration: { subnets: ['subnet-1'] } }

/** A stage with one task of the given containers, just created. */
function stageWithTask(containers: object[] = [{ name: 'app', image: 'app:1' }], run: object = {}) {
  const stage = rehearse()
  stage.call('CreateCluster', {})
  stage.call('RegisterTaskDefinition', { ...FARGATE, family: 'app', containerDefinitions: containers })
  stage.call('RunTask', { taskDefinition: 'app', networkConfiguration: NETWORK, ...run })
  const [task] = Object.values(stage.state.tasks)
  if (!task) throw new Error('No task was created')
  return { stage, task }
}

type Kind = EcsEffect['kind']

/** Answers all effects of these kinds well, and lets a step of time pass, until the task rests. */
function play(
  stage: Rehearsal,
  kinds: readonly Kind[] = ['provision-task', 'pull-image', 'start-container'],
): void {
  for (let round = 0; round < 10; round++) {
    for (const effect of stage.asked())
      if (kinds.includes(effect.kind)) stage.answer(effect, goodReport(effect))
    stage.advance(STEP_MS)
  }
}

const stopKinds: readonly Kind[] = ['signal-container', 'release-task']
const asked = (stage: Rehearsal) =>
  stage
    .asked()
    .map((e) =>
      'container' in e
        ? `${e.kind} ${typeof e.container === 'string' ? e.container : e.container.name}`
        : e.kind,
    )

function reportOf(
  task: TaskRecord,
  kind: 'container-exited',
  container: string,
  exitCode: number,
): EcsReport {
  return { kind, taskArn: task.arn, container, exitCode }
}

const statuses = (stage: Rehearsal) =>
  stage.events
    .filter(({ detailType }) => detailType === 'ECS Task State Change')
    .map(({ detail }) => (detail as { lastStatus: string }).lastStatus)

test('a task walks through every status, with an event for each', () => {
  const { stage, task } = stageWithTask()
  play(stage)
  stage.call('StopTask', { task: task.id })
  play(stage, stopKinds)
  expect(statuses(stage)).toEqual([
    'PROVISIONING',
    'PENDING',
    'ACTIVATING',
    'RUNNING',
    'DEACTIVATING',
    'STOPPING',
    'DEPROVISIONING',
    'STOPPED',
  ])
  expect(task).toMatchObject({ version: 8, stopCode: 'UserInitiated', stoppedReason: 'Task stopped by user' })
  expect(task.containers[0]).toMatchObject({ phase: 'stopped', exitCode: 143 })
})

test('the event has the shape of AWS', () => {
  const { stage, task } = stageWithTask()
  play(stage)
  const { source, resources, detail } = stage.events.at(-1) ?? {}
  expect({ source, resources }).toEqual({ source: 'aws.ecs', resources: [task.arn] })
  expect(detail).toMatchObject({
    attachments: [{ type: 'eni', status: 'ATTACHED' }],
    containers: [
      { lastStatus: 'RUNNING', networkInterfaces: [{ privateIpv4Address: '10.0.0.4' }], cpu: '0' },
    ],
    createdAt: '1970-01-01T00:00:00.000Z',
    group: 'family:app',
    startedAt: '1970-01-01T00:00:00.225Z',
    overrides: { containerOverrides: [{ name: 'app' }] },
    version: 4,
  })
  expect(detail).not.toHaveProperty('stoppedReason')
  expect(JSON.parse(JSON.stringify(detail))).toEqual(detail)
})

test('a task that is stopped before anything ran is never started', () => {
  const { stage, task } = stageWithTask()
  stage.call('StopTask', { task: task.id, reason: 'changed my mind' })
  expect(asked(stage)).toEqual(['provision-task'])
  play(stage, ['provision-task', 'release-task'])
  expect(task).toMatchObject({ lastStatus: 'STOPPED', stoppedReason: 'changed my mind' })
  expect(task.startedAt).toBeUndefined()
  expect(statuses(stage)).toEqual(['PROVISIONING', 'DEPROVISIONING', 'STOPPED'])
})

test('SIGKILL follows SIGTERM after the stopTimeout, by the clock of the engine', () => {
  const { stage, task } = stageWithTask([{ name: 'app', image: 'app:1', stopTimeout: 5 }])
  play(stage)
  stage.call('StopTask', { task: task.id })
  stage.advance(STEP_MS)
  const [sigterm] = stage.asked()
  expect(sigterm).toMatchObject({ kind: 'signal-container', signal: 'SIGTERM' })
  if (sigterm) stage.answer(sigterm, undefined)
  stage.advance(4_999)
  expect(stage.asked()).toEqual([])
  stage.advance(1)
  expect(stage.asked()).toMatchObject([{ kind: 'signal-container', signal: 'SIGKILL' }])
  stage.report(reportOf(task, 'container-exited', 'app', 137))
  play(stage, stopKinds)
  expect(task.lastStatus).toBe('STOPPED')
})

test('an essential container that exits takes the task with it', () => {
  const { stage, task } = stageWithTask([
    { name: 'app', image: 'app:1' },
    { name: 'helper', image: 'helper:1', essential: false },
  ])
  play(stage)
  stage.report(reportOf(task, 'container-exited', 'app', 3))
  stage.advance(STEP_MS)
  expect(asked(stage)).toEqual(['signal-container helper'])
  play(stage, stopKinds)
  expect(task).toMatchObject({
    lastStatus: 'STOPPED',
    stopCode: 'EssentialContainerExited',
    stoppedReason: 'Essential container in task exited',
  })
  expect(task.containers.map(({ exitCode }) => exitCode)).toEqual([3, 143])
})

test('a container that is not essential may exit', () => {
  const { stage, task } = stageWithTask([
    { name: 'app', image: 'app:1' },
    { name: 'helper', image: 'helper:1', essential: false },
  ])
  play(stage)
  stage.report(reportOf(task, 'container-exited', 'helper', 1))
  play(stage)
  expect(task).toMatchObject({ lastStatus: 'RUNNING', desiredStatus: 'RUNNING' })
  expect(stage.events.at(-1)?.detail).toMatchObject({
    version: 5,
    lastStatus: 'RUNNING',
    containers: [{ lastStatus: 'RUNNING' }, { lastStatus: 'STOPPED', exitCode: 1 }],
  })
})

test('a program that ends at once has run all the same', () => {
  const { stage, task } = stageWithTask()
  play(stage, ['provision-task', 'pull-image'])
  const [start] = stage.asked()
  if (start) stage.answer(start, goodReport(start))
  stage.report(reportOf(task, 'container-exited', 'app', 0))
  play(stage, stopKinds)
  expect(statuses(stage).slice(2, 5)).toEqual(['ACTIVATING', 'RUNNING', 'DEACTIVATING'])
  expect(task).toMatchObject({ lastStatus: 'STOPPED', stopCode: 'EssentialContainerExited' })
  expect(task.startedAt).toBeDefined()
})

test('an image that cannot be pulled stops the task with that reason', () => {
  const { stage, task } = stageWithTask()
  play(stage, ['provision-task'])
  const [pull] = stage.asked()
  const reason = 'CannotPullContainerError: app:1: not found'
  if (pull) stage.answer(pull, { kind: 'pull-failed', taskArn: task.arn, container: 'app', reason })
  play(stage, stopKinds)
  expect(task).toMatchObject({ lastStatus: 'STOPPED', stopCode: 'TaskFailedToStart', stoppedReason: reason })
  expect(task.containers[0]).toMatchObject({ reason })
})

test('RunTask pins each task to the digest that its tag had when it was pulled', () => {
  const { stage, task } = stageWithTask()
  play(stage, ['provision-task'])
  const [pull] = stage.asked()
  expect(pull).not.toHaveProperty('imageDigest')
  const imageDigest = `sha256:${'a'.repeat(64)}`
  if (pull) stage.answer(pull, { kind: 'image-pulled', taskArn: task.arn, container: 'app', imageDigest })
  expect(stage.asked()).toMatchObject([{ kind: 'start-container', container: { imageDigest } }])
})

test('overrides replace the command and add to the environment', () => {
  const environment = [
    { name: 'A', value: '1' },
    { name: 'B', value: '1' },
  ]
  const containerOverrides = [{ name: 'app', command: ['now'], environment: [{ name: 'B', value: '2' }] }]
  const { stage } = stageWithTask([{ name: 'app', image: 'app:1', command: ['then'], environment }], {
    overrides: { containerOverrides },
  })
  play(stage, ['provision-task', 'pull-image'])
  expect(stage.asked()).toMatchObject([{ container: { command: ['now'], environment: { A: '1', B: '2' } } }])
})

const migration = { name: 'migrate', image: 'migrate:1', essential: false }

test('a container waits for the success of what it depends on', () => {
  const app = { name: 'app', image: 'app:1', dependsOn: [{ containerName: 'migrate', condition: 'SUCCESS' }] }
  const { stage, task } = stageWithTask([app, migration])
  play(stage)
  expect(task).toMatchObject({
    lastStatus: 'ACTIVATING',
    containers: [{ phase: 'pulled' }, { phase: 'running' }],
  })
  stage.report(reportOf(task, 'container-exited', 'migrate', 0))
  play(stage)
  expect(task).toMatchObject({
    lastStatus: 'RUNNING',
    containers: [{ phase: 'running' }, { phase: 'stopped' }],
  })
})

test('a task fails to start if what its essential container depends on fails', () => {
  const app = { name: 'app', image: 'app:1', dependsOn: [{ containerName: 'migrate', condition: 'SUCCESS' }] }
  const { stage, task } = stageWithTask([app, migration])
  play(stage)
  stage.report(reportOf(task, 'container-exited', 'migrate', 1))
  play(stage, stopKinds)
  expect(task).toMatchObject({ lastStatus: 'STOPPED', stopCode: 'TaskFailedToStart' })
  expect(task.stoppedReason).toContain("a dependency of container 'app' did not succeed")
})

test('containers stop in the reverse order of their dependencies', () => {
  const app = { name: 'app', image: 'app:1', dependsOn: [{ containerName: 'proxy', condition: 'START' }] }
  const { stage, task } = stageWithTask([app, { name: 'proxy', image: 'proxy:1' }])
  play(stage)
  stage.call('StopTask', { task: task.id })
  stage.advance(STEP_MS)
  expect(asked(stage)).toEqual(['signal-container app'])
  play(stage, stopKinds)
  expect(task.lastStatus).toBe('STOPPED')
})

test('a stopped task can be described for an hour, and is then forgotten', () => {
  const { stage, task } = stageWithTask(undefined, { clientToken: 'one' })
  stage.call('StopTask', { task: task.id })
  play(stage, ['provision-task', 'release-task'])
  stage.advance(STOPPED_TASK_KEPT_MS - 10 * STEP_MS)
  expect(stage.call('DescribeTasks', { tasks: [task.id] })).toMatchObject({ tasks: [{ taskArn: task.arn }] })
  stage.advance(10 * STEP_MS)
  expect(stage.state).toMatchObject({ tasks: {}, agenda: {}, runTokens: {} })
  expect(stage.call('DescribeTasks', { tasks: [task.id] })).toMatchObject({
    tasks: [],
    failures: [{ arn: task.arn, reason: 'MISSING' }],
  })
})

test('after a restart of the host the tasks of before are stopped, honestly', () => {
  const { stage, task } = stageWithTask()
  play(stage)
  stage.report({ kind: 'host-restarted' })
  play(stage, [])
  expect(task).toMatchObject({
    lastStatus: 'STOPPED',
    stopCode: 'InfrastructureHealth',
    stoppedReason: 'The engine that ran this task was restarted',
  })
})

test('reports of a task that is gone change nothing', () => {
  const { stage, task } = stageWithTask()
  stage.call('StopTask', { task: task.id })
  play(stage, ['provision-task', 'release-task'])
  const before = JSON.stringify(stage.state)
  stage.report(reportOf(task, 'container-exited', 'app', 0))
  stage.report({ kind: 'task-provisioned', taskArn: task.arn, address: '10.0.0.9' })
  stage.report({ kind: 'task-released', taskArn: 'arn:aws:ecs:us-east-1:123456789012:task/default/none' })
  expect(JSON.stringify(stage.state)).toBe(before)
})

test('a container that needs secrets does not start without them', () => {
  const secrets = [{ name: 'PASSWORD', valueFrom: 'arn:aws:ssm:us-east-1:123456789012:parameter/password' }]
  const { stage, task } = stageWithTask([{ name: 'app', image: 'app:1', secrets }])
  play(stage, ['provision-task', 'release-task'])
  expect(task).toMatchObject({ lastStatus: 'STOPPED', stopCode: 'TaskFailedToStart' })
  expect(task.stoppedReason).toMatch(/^ResourceInitializationError: unable to pull secrets/)
})
