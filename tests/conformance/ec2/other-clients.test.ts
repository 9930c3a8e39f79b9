/** EC2 by boto3 and the AWS CLI. */
import { fileURLToPath } from 'node:url'
import { ECS } from '@aws-sdk/client-ecs'
import { testEngine } from '@capstan/drydock/testing.ts'
import { expect, test } from 'vitest'
import { isInstalled, runClient } from '../sqs/programs.ts'

/** An engine in which six tasks with public addresses run; returns one of them too. */
async function withTasks() {
  const drydock = await testEngine()
  const ecs = new ECS(drydock.config)
  await ecs.createCluster({})
  await ecs.registerTaskDefinition({
    family: 'web',
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    cpu: '256',
    memory: '512',
    containerDefinitions: [{ name: 'web', image: 'web:1' }],
  })
  const { tasks } = await ecs.runTask({
    taskDefinition: 'web',
    count: 6,
    launchType: 'FARGATE',
    networkConfiguration: {
      awsvpcConfiguration: { subnets: ['subnet-12345678'], assignPublicIp: 'ENABLED' },
    },
  })
  await drydock.engine.advance('1m')
  ecs.destroy()
  return { drydock, taskArn: tasks?.[0]?.taskArn ?? '' }
}

test.skipIf(!isInstalled('python3', '-c', 'import boto3'))('boto3 finds the address of a task', async () => {
  const { drydock, taskArn } = await withTasks()
  await using _ = drydock
  const script = fileURLToPath(new URL('boto_interfaces.py', import.meta.url))
  expect(JSON.parse(await runClient(drydock.endpoint, 'python3', script, taskArn))).toEqual({
    public: '198.18.0.4',
    isSame: true,
    pages: [5, 1],
    error: {
      Code: 'InvalidNetworkInterfaceID.NotFound',
      Message: "The networkInterface ID 'eni-00000000000000009' does not exist",
    },
  })
  expect(drydock.faults).toEqual([])
})

test.skipIf(!isInstalled('aws', '--version'))('the AWS CLI finds the interface of an address', async () => {
  const { drydock } = await withTasks()
  await using _ = drydock
  const aws = (...args: string[]) =>
    runClient(drydock.endpoint, 'aws', '--endpoint-url', drydock.endpoint, '--output', 'json', 'ec2', ...args)
  const filter = 'Name=addresses.private-ip-address,Values=10.0.0.5'
  const { NetworkInterfaces } = JSON.parse(await aws('describe-network-interfaces', '--filters', filter))
  expect(NetworkInterfaces).toMatchObject([{ Association: { PublicIp: '198.18.0.5' } }])
  const refused = aws('describe-network-interfaces', '--filters', 'Name=foo,Values=a')
  await expect(refused).rejects.toThrow('(InvalidParameterValue) when calling the DescribeNetworkInterfaces')
  await expect(refused).rejects.toThrow("The filter 'foo' is invalid")
  expect(drydock.faults).toEqual([])
})
