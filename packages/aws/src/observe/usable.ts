/** Whether a good state can still be gone back to: its task definition, and the images that it pins. */
import type { ECSClient } from '@aws-sdk/client-ecs'
import { Failure } from '@capstan/core/failure.ts'
import type { DeliveryView, GoodState, Usable } from '@capstan/core/view.ts'
import type { Snapshots } from '../ledger/snapshots.ts'
import type { Images } from './images.ts'
import { describeTaskDefinition } from './task-definitions.ts'

export interface UsableTools {
  readonly ecs: ECSClient
  readonly images: Images
  readonly snapshots: Snapshots
}

/** What is left of `good`, by task definition ARN; always asked anew, since both can be deleted at any time. */
export async function observeUsable(
  view: DeliveryView,
  good: readonly GoodState[],
  tools: UsableTools,
): Promise<Record<string, Usable>> {
  const looked = good.map(
    async (state) => [state.taskDefinitionArn, await lookAt(view, state, tools)] as const,
  )
  return Object.fromEntries(await Promise.all(looked))
}

async function lookAt(view: DeliveryView, state: GoodState, tools: UsableTools): Promise<Usable> {
  const definition = await definitionState(tools.ecs, state.taskDefinitionArn)
  const [snapshot, missingImages] = await Promise.all([
    tools.snapshots.get(view.service, state.taskDefinitionArn),
    missingOf(view, state, tools.images),
  ])
  return { definition, hasSnapshot: snapshot !== undefined, missingImages }
}

/** `missing`: ECS answers "Unable to describe task definition" as a plain ClientException. */
async function definitionState(ecs: ECSClient, arn: string): Promise<Usable['definition']> {
  try {
    const { definition } = await describeTaskDefinition(ecs, arn)
    return definition.status === 'ACTIVE' ? 'active' : 'inactive'
  } catch (error) {
    const isGone = error instanceof Failure && /^(NOT_FOUND|INVALID_REQUEST)$/.test(error.code)
    if (isGone) return 'missing'
    throw error
  }
}

/** The digests that ECR no longer has: by the lists that were read anyway, else by asking for them. */
async function missingOf(view: DeliveryView, { images }: GoodState, tools: Images): Promise<string[]> {
  const asked = Object.values(images).map(async ({ repository, digest }) => {
    const listed = view.repositories[repository] ?? (await tools.list(repository)) ?? []
    return listed.some((image) => image.digest === digest) ? [] : [digest]
  })
  return (await Promise.all(asked)).flat()
}
