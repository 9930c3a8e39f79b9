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

export const EXAMPLE = { cluster: 'default', service: 'web', repository: 'web', firstTag: '1.0.0' } as const

/**
 * Makes the example's service from `directory` (the program's folder), two tasks of it, unless it is there already.
 * The service is enrolled by its tag.
 */
export async function createExample(sdk: SdkConfig, directory: string): Promise<void> {
  const ecs = new ECSClient(sdk)
  if (await exists(ecs)) return
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
      tags: [{ key: 'capstan:track', value: 'semver:1.x' }],
    }),
  )
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
      { name: 'web', image, essential: true, portMappings: [{ containerPort: 8080 }], stopTimeout: 10 },
    ],
  }
}
