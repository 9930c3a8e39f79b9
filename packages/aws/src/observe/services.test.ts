import type { Service } from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { lastName, observedService, primaryOf } from './services.ts'

const described: Service = {
  serviceArn: 'arn:aws:ecs:us-east-1:123456789012:service/prod/web',
  serviceName: 'web',
  createdAt: new Date(1000),
  desiredCount: 2,
  tags: [{ key: 'capstan:track', value: 'semver:1.x' }],
  deployments: [
    {
      id: 'ecs-svc/2',
      status: 'PRIMARY',
      taskDefinition: 'web:2',
      rolloutState: 'IN_PROGRESS',
      createdAt: new Date(2000),
      updatedAt: new Date(3000),
      failedTasks: 1,
    },
    { id: 'ecs-svc/1', status: 'ACTIVE', taskDefinition: 'web:1', rolloutState: 'COMPLETED' },
  ],
}
const found = { cluster: 'prod', service: 'web', described }
const digest = `sha256:${'a'.repeat(64)}`
const taskDefinition = {
  definition: {
    family: 'web',
    runtimePlatform: { cpuArchitecture: 'ARM64' as const },
    containerDefinitions: [
      { name: 'app', image: `123456789012.dkr.ecr.us-east-1.amazonaws.com/web@${digest}` },
      { name: 'proxy', image: 'envoy', essential: false },
    ],
  },
  tags: [{ key: 'capstan:deployment', value: 'd-1' }],
}

test('a service is seen with its deployments, containers, platform, tags and who registered its revision', () => {
  const registry = '123456789012.dkr.ecr.us-east-1.amazonaws.com'
  const primary = {
    id: 'ecs-svc/2',
    status: 'PRIMARY',
    taskDefinitionArn: 'web:2',
    rolloutState: 'IN_PROGRESS',
    createdAt: 2000,
    updatedAt: 3000,
    failedTasks: 1,
  }
  expect(observedService(found, taskDefinition)).toEqual({
    cluster: 'prod',
    service: 'web',
    arn: described.serviceArn,
    createdAt: 1000,
    desiredCount: 2,
    primary,
    deployments: [primary, expect.objectContaining({ id: 'ecs-svc/1', status: 'ACTIVE', createdAt: 0 })],
    registeredBy: 'd-1',
    containers: [
      {
        name: 'app',
        image: { text: `${registry}/web@${digest}`, registry, repository: 'web', digest },
        essential: true,
      },
      { name: 'proxy', image: { text: 'envoy', repository: 'envoy' }, essential: false },
    ],
    platform: { os: 'linux', architecture: 'arm64' },
    tags: { 'capstan:track': 'semver:1.x' },
  })
})

test('a service that another controller deploys is refused with what Capstan can do', () => {
  const other = {
    ...found,
    described: { ...described, deployments: [], deploymentController: { type: 'CODE_DEPLOY' as const } },
  }
  expect(() => primaryOf(other)).toThrow(
    expect.objectContaining({ code: 'INVALID_REQUEST', message: expect.stringContaining('CODE_DEPLOY') }),
  )
})

test.each([
  ['arn:aws:ecs:us-east-1:123456789012:service/prod/web', 'web'],
  ['arn:aws:ecs:us-east-1:123456789012:service/web', 'web'],
  ['arn:aws:ecs:us-east-1:123456789012:cluster/prod', 'prod'],
])('the name in %s is %s', (arn, name) => {
  expect(lastName(arn)).toBe(name)
})
