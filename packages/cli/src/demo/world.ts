/** What the story can see and do, all of it over the wire: ECS, the load balancer, its alarm, the registry, the ledger. */
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch'
import { DescribeServicesCommand, DescribeTaskDefinitionCommand, ECSClient } from '@aws-sdk/client-ecs'
import { type Capstan, connect, type DeploymentEntry, parseEnvironment } from '@capstan/aws'
import { Failure } from '@capstan/core/failure.ts'
import type { ServiceRecord } from '@capstan/core/view.ts'
import { type Answer, ask } from '../ask.ts'
import { EXAMPLE } from '../dev/example.ts'
import { EXAMPLE_ALARM } from '../dev/example-balancer.ts'
import { sweep } from '../dev/sweep.ts'
import { packDirectory } from '../image/pack.ts'
import { pushImage } from '../image/push.ts'
import type { SdkConfig } from '../sdk.ts'

/** What ECS says of the service. */
export interface Deployed {
  /** The digest of the image that the primary deployment names, if it names one. */
  readonly digest: string | undefined
  /** Whether the primary deployment is completed, and no other is there any more. */
  readonly completed: boolean
  readonly running: number
}

export interface World {
  readonly capstan: Capstan
  /** Packs and pushes a folder as the example's repository with `tag`; returns the digest. */
  push(directory: string, tag: string): Promise<string>
  deployed(): Promise<Deployed>
  /** One request through the load balancer. */
  look(path: string): Promise<Answer>
  /** The versions that answer now, asked `times` times. Throws `Failure` where one is no good answer. */
  versions(times: number): Promise<string>
  /** The state of the example's alarm, and why, in the words of CloudWatch. */
  alarm(): Promise<{ state: string; reason: string }>
  record(): Promise<ServiceRecord>
  /** The latest deployment in the ledger. */
  latest(): Promise<DeploymentEntry | undefined>
  sweep(): Promise<void>
}

/** Connects to the engine at `endpoint`, and to the load balancer `host`. */
export function worldAt(endpoint: string, sdk: Required<SdkConfig>, host: string): World {
  const ecs = new ECSClient(sdk)
  const environment = parseEnvironment({ AWS_REGION: sdk.region, AWS_ENDPOINT_URL: endpoint })
  const capstan = connect({
    config: { services: {} },
    environment,
    caller: { credentials: async () => sdk.credentials },
  })
  const look = (path: string) => ask(endpoint, path, host)
  return {
    capstan,
    look,
    async push(directory, tag) {
      const image = await packDirectory(directory, { platform: 'linux/amd64' })
      return (await pushImage(sdk, EXAMPLE.repository, tag, image)).digest
    },
    deployed: () => deployedNow(ecs),
    async versions(times) {
      const answers = await Promise.all(Array.from({ length: times }, () => look('/version')))
      return [...new Set(answers.map(versionIn))].join(' and ')
    },
    alarm: () => alarmNow(new CloudWatchClient(sdk)),
    async record() {
      const record = await capstan.ledger.getService(EXAMPLE)
      if (!record) throw new Failure('UNAVAILABLE', 'The ledger has no record of the service.')
      return record
    },
    latest: async () => (await capstan.ledger.listDeployments(EXAMPLE, 1))[0],
    sweep: () => sweep(sdk),
  }
}

async function deployedNow(ecs: ECSClient): Promise<Deployed> {
  const { services } = await ecs.send(
    new DescribeServicesCommand({ cluster: EXAMPLE.cluster, services: [EXAMPLE.service] }),
  )
  const deployments = services?.[0]?.deployments ?? []
  const primary = deployments.find(({ status }) => status === 'PRIMARY')
  const { taskDefinition } = await ecs.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: primary?.taskDefinition }),
  )
  return {
    digest: taskDefinition?.containerDefinitions?.[0]?.image?.split('@')[1],
    completed: primary?.rolloutState === 'COMPLETED' && deployments.length === 1,
    running: primary?.runningCount ?? 0,
  }
}

function versionIn({ status, text }: Answer): string {
  if (status === 200) return text.trim()
  throw new Failure('UNAVAILABLE', `The load balancer answered ${status}: ${text.slice(0, 200)}`)
}

async function alarmNow(cloudwatch: CloudWatchClient) {
  const { MetricAlarms } = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: [EXAMPLE_ALARM] }))
  const { StateValue: state = '', StateReason: reason = '' } = MetricAlarms?.[0] ?? {}
  return { state, reason }
}
