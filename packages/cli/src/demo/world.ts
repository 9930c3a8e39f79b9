/** What the story can see and do, all of it over the wire: ECS, the registry, the ledger, and the pages of the tasks. */
import { DescribeServicesCommand, DescribeTaskDefinitionCommand, ECSClient } from '@aws-sdk/client-ecs'
import { type Capstan, connect, parseEnvironment } from '@capstan/aws'
import { Failure } from '@capstan/core/failure.ts'
import { EXAMPLE } from '../dev/example.ts'
import { packDirectory } from '../image/pack.ts'
import { pushImage } from '../image/push.ts'
import type { SdkConfig } from '../sdk.ts'

export interface World {
  readonly ecs: ECSClient
  readonly capstan: Capstan
  /** Packs and pushes a folder as the example's repository with `tag`; returns the digest. */
  push(directory: string, tag: string): Promise<string>
  /** The image that the service's primary deployment names, and whether ECS has completed it. */
  deployed(): Promise<{ image: string; completed: boolean; running: number }>
  /** The versions that answer now, asked `times` times through the service's address. */
  answers(times: number): Promise<string[]>
}

/** Connects to the engine at `endpoint`. */
export function worldAt(endpoint: string, sdk: Required<SdkConfig>): World {
  const ecs = new ECSClient(sdk)
  const environment = parseEnvironment({ AWS_REGION: sdk.region, AWS_ENDPOINT_URL: endpoint })
  const url = `${endpoint}/_drydock/services/${EXAMPLE.cluster}/${EXAMPLE.service}/version`
  return {
    ecs,
    capstan: connect({ config: { services: {} }, environment }),
    async push(directory, tag) {
      const image = await packDirectory(directory, { platform: 'linux/amd64' })
      return (await pushImage(sdk, EXAMPLE.repository, tag, image)).digest
    },
    deployed: () => deployedImage(ecs),
    answers: (times) => Promise.all(Array.from({ length: times }, () => versionAt(url))),
  }
}

async function deployedImage(ecs: ECSClient) {
  const { services } = await ecs.send(
    new DescribeServicesCommand({ cluster: EXAMPLE.cluster, services: [EXAMPLE.service] }),
  )
  const deployments = services?.[0]?.deployments ?? []
  const primary = deployments.find(({ status }) => status === 'PRIMARY')
  const { taskDefinition } = await ecs.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: primary?.taskDefinition }),
  )
  return {
    image: taskDefinition?.containerDefinitions?.[0]?.image ?? '',
    completed: primary?.rolloutState === 'COMPLETED' && deployments.length === 1,
    running: primary?.runningCount ?? 0,
  }
}

async function versionAt(url: string): Promise<string> {
  const response = await fetch(url)
  const text = (await response.text()).trim()
  if (!response.ok) throw new Failure('UNAVAILABLE', `${url} answered ${response.status}: ${text}`)
  return text
}
