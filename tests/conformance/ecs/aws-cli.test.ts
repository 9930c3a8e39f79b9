/** The AWS CLI as a client, with its own waiters and its own reading of the answers. */
import { testEngine } from '@capstan/drydock/testing.ts'
import { expect, test } from 'vitest'
import { isInstalled, runClient } from '../sqs/programs.ts'

const NETWORK = 'awsvpcConfiguration={subnets=[subnet-1]}'
const CONTAINERS = JSON.stringify([{ name: 'web', image: 'web:1', portMappings: [{ containerPort: 80 }] }])
const BROKEN = JSON.stringify([
  { name: 'web', image: 'web:1', environment: [{ name: 'DRYDOCK_START_ERROR', value: 'no' }] },
])

test.runIf(isInstalled('aws', '--version'))(
  'a service is created, waited for, rolled and deleted',
  async () => {
    await using drydock = await testEngine()
    const aws = async (command: string, ...options: string[]) => {
      const printed = await runClient(drydock.endpoint, 'aws', 'ecs', ...command.split(' '), ...options)
      return printed ? JSON.parse(printed) : undefined
    }
    // The CLI's waiters ask every 15 s of the machine's time: what they wait for has come when they ask first.
    const waitFor = async (what: string, ...options: string[]) => {
      await drydock.engine.advance('5m')
      await aws(`wait ${what}`, ...options)
    }
    await aws('create-cluster')
    const size = '--network-mode awsvpc --requires-compatibilities FARGATE --cpu 256 --memory 512'
    await aws(`register-task-definition --family web ${size}`, '--container-definitions', CONTAINERS)
    const service = '--service-name web --task-definition web --desired-count 2 --launch-type FARGATE'
    await aws(`create-service ${service}`, '--network-configuration', NETWORK)
    await waitFor('services-stable --services web')
    const { taskArns } = await aws('list-tasks --service-name web')
    expect(taskArns).toHaveLength(2)
    const described = await aws('describe-tasks --tasks', ...taskArns)
    expect(described.tasks[0].lastStatus).toBe('RUNNING')
    await aws('update-service --service web --force-new-deployment --desired-count 1')
    await waitFor('services-stable --services web')
    await aws(`register-task-definition --family web ${size}`, '--container-definitions', BROKEN)
    await aws('update-service --service web --task-definition web')
    const { serviceDeployments } = await aws('list-service-deployments --service web --max-results 1')
    const arn = serviceDeployments[0].serviceDeploymentArn
    await aws('stop-service-deployment --stop-type ROLLBACK --service-deployment-arn', arn)
    await waitFor('services-stable --services web')
    const stopped = await aws('describe-service-deployments --service-deployment-arns', arn)
    expect(stopped.serviceDeployments).toMatchObject([{ status: 'ROLLBACK_SUCCESSFUL' }])
    await aws('delete-service --service web --force')
    await waitFor('services-inactive --services web')
    await waitFor('tasks-stopped --tasks', ...taskArns)
    expect(drydock.faults).toEqual([])
  },
)
