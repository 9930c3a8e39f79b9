import { expect, test } from 'vitest'
import { schedule } from './schedule.ts'
import { goodReport, rehearse } from './testing.ts'

const NETWORK = { awsvpcConfiguration: { subnets: ['subnet-1'] } }

test('a thousand tasks that run cost the scheduler one look at the clock', () => {
  const stage = rehearse()
  stage.call('CreateCluster', {})
  stage.call('RegisterTaskDefinition', {
    family: 'web',
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    cpu: '256',
    memory: '512',
    containerDefinitions: [{ name: 'web', image: 'web:1' }],
  })
  const service = {
    serviceName: 'web',
    taskDefinition: 'web',
    desiredCount: 1_000,
    networkConfiguration: NETWORK,
  }
  stage.call('CreateService', service)
  for (let round = 0; round < 6; round++) {
    for (const effect of stage.asked()) stage.answer(effect, goodReport(effect))
    stage.advance(1_000)
  }
  expect(Object.values(stage.state.tasks).every(({ lastStatus }) => lastStatus === 'RUNNING')).toBe(true)
  expect(stage.state.agenda).toEqual({})
  expect(schedule(stage.state, stage.now())).toMatchObject([{ kind: 'wake' }])
})
