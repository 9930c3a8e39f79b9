/** What the tests of ECS share: an engine on the virtual clock, one cluster, one definition, and short verbs. */
import {
  type ContainerDefinition,
  type CreateServiceCommandInput,
  ECS,
  type RegisterTaskDefinitionCommandInput,
  type Service,
  type Task,
} from '@aws-sdk/client-ecs'
import { type TestEngine, type TestEngineOptions, testEngine } from '@capstan/drydock/testing.ts'
import { expect } from 'vitest'

export const NETWORK = { awsvpcConfiguration: { subnets: ['subnet-1', 'subnet-2'] } }

export interface TestEcs extends AsyncDisposable {
  readonly drydock: TestEngine
  readonly client: ECS
  /** Registers a Fargate definition. Returns its ARN. */
  register(
    container?: Partial<ContainerDefinition>,
    rest?: Partial<RegisterTaskDefinitionCommandInput>,
  ): Promise<string>
  /** Creates the service `web`, of the family `web` unless told otherwise. */
  serve(input?: Partial<CreateServiceCommandInput>): Promise<Service>
  service(name?: string): Promise<Service>
  /** All tasks that are desired to be in a status. */
  tasks(desiredStatus?: 'RUNNING' | 'STOPPED'): Promise<Task[]>
  advance(duration: string): Promise<void>
}

/** Starts an engine with the cluster `default`. On disposal it must not have met a bug. */
export async function testEcs(options: TestEngineOptions = {}): Promise<TestEcs> {
  const drydock = await testEngine(options)
  const client = new ECS(drydock.config)
  await client.createCluster({})
  const describe = async (name = 'web') => {
    const { services } = await client.describeServices({ services: [name], include: ['TAGS'] })
    return services?.[0] ?? {}
  }
  return {
    drydock,
    client,
    service: describe,
    advance: (duration) => drydock.engine.advance(duration),
    async register(container = {}, rest = {}) {
      const { taskDefinition } = await client.registerTaskDefinition({
        family: 'web',
        networkMode: 'awsvpc',
        requiresCompatibilities: ['FARGATE'],
        cpu: '256',
        memory: '512',
        containerDefinitions: [
          { name: 'web', image: 'web:1', portMappings: [{ containerPort: 80 }], ...container },
        ],
        ...rest,
      })
      return taskDefinition?.taskDefinitionArn ?? ''
    },
    async serve(input = {}) {
      const defaults = {
        serviceName: 'web',
        taskDefinition: 'web',
        desiredCount: 2,
        networkConfiguration: NETWORK,
      }
      return (await client.createService({ ...defaults, ...input })).service ?? {}
    },
    async tasks(desiredStatus = 'RUNNING') {
      const { taskArns = [] } = await client.listTasks({ desiredStatus })
      if (!taskArns.length) return []
      return (await client.describeTasks({ tasks: taskArns, include: ['TAGS'] })).tasks ?? []
    },
    async [Symbol.asyncDispose]() {
      expect(drydock.faults).toEqual([])
      await drydock.close()
    },
  }
}

/** The messages of a service's events, oldest first, with the tasks' ids made short. */
export const messagesOf = (service: Service) =>
  (service.events ?? []).map(({ message = '' }) => message.replaceAll(/\(task \w+\)/g, '(task)')).reverse()
