/** Which EC2 instance a container instance is. It never changes, so a warm function asks once for each. */
import type { EcsApi } from '../clients.ts'
import { noneIfGone } from '../observe/none-if-gone.ts'
import { batchesOf } from '../observe/services.ts'
import { settleEach, valuesOf } from '../parallel.ts'

/** Instance ids by the ARNs of container instances; hosts that are not EC2's are left out. */
export type Hosts = (
  cluster: string,
  containerInstances: readonly string[],
) => Promise<ReadonlyMap<string, string>>

/** DescribeContainerInstances takes this many at a time (API reference). */
const DESCRIBED_AT_ONCE = 100
/** An ARN and an id are some hundred bytes. */
const MOST_HOSTS = 5_000

/** Hosts as `ecs` tells of them. */
export function hostsOf(ecs: EcsApi): Hosts {
  const known = new Map<string, string>()
  return async (cluster, containerInstances) => {
    const missing = [...new Set(containerInstances)].filter((arn) => !known.has(arn))
    const described = await settleEach(batchesOf(missing, DESCRIBED_AT_ONCE), (batch) =>
      describe(ecs, cluster, batch),
    )
    for (const { containerInstanceArn = '', ec2InstanceId = '' } of valuesOf(described).flat()) {
      // A host outside EC2 is registered by Systems Manager, as `mi-…` (developer guide, "ECS Anywhere").
      if (ec2InstanceId.startsWith('i-')) known.set(containerInstanceArn, ec2InstanceId)
    }
    const answer = new Map(
      containerInstances.flatMap((arn) => {
        const id = known.get(arn)
        return id === undefined ? [] : [[arn, id] as const]
      }),
    )
    for (const arn of [...known.keys()].slice(0, Math.max(0, known.size - MOST_HOSTS))) known.delete(arn)
    return answer
  }
}

function describe(ecs: EcsApi, cluster: string, containerInstances: string[]) {
  return noneIfGone(
    ecs
      .call('DescribeContainerInstances', { cluster, containerInstances })
      .then((answer) => answer.containerInstances ?? []),
  )
}
