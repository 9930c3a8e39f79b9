/** The example on the engine: repository, first image, task definition and a service that tracks its repository. */
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs'
import { packDirectory } from '../image/pack.ts'
import { pushImage } from '../image/push.ts'
import type { SdkConfig } from '../sdk.ts'
import { balancerOf, createBalancer } from './example-balancer.ts'

export const EXAMPLE = {
  cluster: 'default',
  service: 'web',
  repository: 'web',
  firstTag: '1.0.0',
  container: 'web',
  port: 8080,
} as const

/**
 * Makes the example's service from `directory` (the program's folder), two tasks of it behind a load balancer, unless
 * it is there already. It is enrolled by its tags, with the bake time `bake`: nobody waits ten minutes for an example,
 * but its alarm takes up to ten seconds to see errors. Returns the load balancer's DNS name, if there is one.
 */
export async function createExample(
  sdk: SdkConfig,
  directory: string,
  bake = '15s',
): Promise<string | undefined> {
  const ecs = new ECSClient(sdk)
  if (await exists(ecs)) return balancerOf(sdk)
  const image = await pushImage(
    sdk,
    EXAMPLE.repository,
    EXAMPLE.firstTag,
    await packDirectory(directory, { platform: 'linux/amd64' }),
  )
  await ecs.send(new CreateClusterCommand({ clusterName: EXAMPLE.cluster }))
  const { taskDefinition } = await ecs.send(
    new RegisterTaskDefinitionCommand(taskDefinitionOf(image.reference)),
  )
  const { dnsName, targetGroupArn } = await createBalancer(sdk)
  await ecs.send(
    new CreateServiceCommand({
      cluster: EXAMPLE.cluster,
      serviceName: EXAMPLE.service,
      taskDefinition: taskDefinition?.taskDefinitionArn,
      desiredCount: 2,
      launchType: 'FARGATE',
      networkConfiguration: {
        awsvpcConfiguration: { subnets: ['subnet-12345678'], assignPublicIp: 'ENABLED' },
      },
      loadBalancers: [{ targetGroupArn, containerName: EXAMPLE.container, containerPort: EXAMPLE.port }],
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
      tags: [
        { key: 'capstan:track', value: 'semver:1.x' },
        { key: 'capstan:bake', value: bake },
      ],
    }),
  )
  return dnsName
}

async function exists(ecs: ECSClient): Promise<boolean> {
  try {
    const { services } = await ecs.send(
      new DescribeServicesCommand({ cluster: EXAMPLE.cluster, services: [EXAMPLE.service] }),
    )
    return services?.[0]?.status === 'ACTIVE'
  } catch (error) {
    if ((error as Error).name === 'ClusterNotFoundException') return false
    throw error
  }
}

/** A Fargate task of the smallest size with one container on port 8080. */
function taskDefinitionOf(image: string) {
  return {
    family: EXAMPLE.service,
    requiresCompatibilities: ['FARGATE' as const],
    networkMode: 'awsvpc' as const,
    cpu: '256',
    memory: '512',
    containerDefinitions: [
      {
        name: EXAMPLE.container,
        image,
        essential: true,
        portMappings: [{ containerPort: EXAMPLE.port }],
        stopTimeout: 10,
      },
    ],
  }
}
