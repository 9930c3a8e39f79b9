import { parseImageReference } from '@capstan/core/image.ts'
import { expect, test } from 'vitest'
import { stopOf } from './tasks.ts'

const containers = [
  { name: 'app', image: parseImageReference('web:1'), essential: true },
  { name: 'helper', image: parseImageReference('helper:1'), essential: false },
]

test('a stopped task is told with its deployment, its codes, and which containers were essential', () => {
  const stop = stopOf(
    {
      taskArn: 'arn:task',
      startedBy: 'ecs-svc/42',
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      stoppedAt: new Date(5000),
      containers: [
        { name: 'app', exitCode: 1 },
        { name: 'helper', exitCode: 0, reason: 'done' },
        { name: 'other', exitCode: 2 },
      ],
    },
    containers,
  )
  expect(stop).toEqual({
    taskArn: 'arn:task',
    deploymentId: 'ecs-svc/42',
    stoppedAt: 5000,
    stopCode: 'EssentialContainerExited',
    stoppedReason: 'Essential container in task exited',
    exits: [
      { container: 'app', essential: true, code: 1 },
      { container: 'helper', essential: false, code: 0, reason: 'done' },
      { container: 'other', essential: true, code: 2 },
    ],
  })
})

test('a task that a person started belongs to no deployment', () => {
  expect(stopOf({ taskArn: 'arn:task', startedBy: 'me' }, containers)).not.toHaveProperty('deploymentId')
})
