import { expect, test } from 'vitest'
import { runningTasks, serviceOf } from './readers.ts'
import { goodReport, rehearse } from './testing.ts'

test('the running tasks of a service are those that can be reached', () => {
  const stage = rehearse()
  stage.call('CreateCluster', {})
  stage.call('RegisterTaskDefinition', {
    family: 'web',
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    cpu: '256',
    memory: '512',
    containerDefinitions: [{ name: 'web', image: 'web:1', portMappings: [{ containerPort: 8080 }] }],
  })
  stage.call('CreateService', {
    serviceName: 'web',
    taskDefinition: 'web',
    desiredCount: 1,
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
  })
  expect(runningTasks(stage.state, 'default', 'web')).toEqual([])
  for (let round = 0; round < 6; round++) {
    for (const effect of stage.asked()) stage.answer(effect, goodReport(effect))
    stage.advance(1_000)
  }
  const ports = [{ container: 'web', containerPort: 8080, protocol: 'tcp' }]
  const clusterArn = 'arn:aws:ecs:us-east-1:123456789012:cluster/default'
  const service = serviceOf(stage.state, clusterArn, 'web')
  expect(runningTasks(stage.state, clusterArn, service?.arn ?? '')).toMatchObject([
    { address: '10.0.0.4', ports },
  ])
  stage.call('UpdateService', { service: 'web', desiredCount: 0 })
  expect(runningTasks(stage.state, 'default', 'web')).toEqual([])
  expect(runningTasks(stage.state, 'default', 'none')).toEqual([])
})
