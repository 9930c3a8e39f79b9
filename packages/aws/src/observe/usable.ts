/** Whether a good state can still be gone back to: its task definition, and the images that it pins. */

import { Failure } from '@capstan/core/failure.ts'
import { isRegisteredAnew } from '@capstan/core/rollback.ts'
import type { DeliveryView, GoodState, Usable } from '@capstan/core/view.ts'
import type { EcsApi } from '../clients.ts'
import type { Snapshots } from '../ledger/snapshots.ts'
import type { Images } from './images.ts'
import { describeTaskDefinition } from './task-definitions.ts'

export interface UsableTools {
  readonly ecs: EcsApi
  readonly images: Images
  readonly snapshots: Snapshots
}

/** Whether ECS starts tasks of a task definition. */
export type DefinitionState = Usable['definition']

/** Asks about a task definition by its ARN. */
interface Definitions {
  definitionState(arn: string): Promise<DefinitionState>
}

/** What is left of `good`, by task definition ARN; each look asks anew, since both can be deleted at any time. */
export async function observeUsable(
  view: DeliveryView,
  good: readonly GoodState[],
  definitions: Definitions,
  tools: UsableTools,
): Promise<Record<string, Usable>> {
  const looked = good.map(
    async (state) => [state.taskDefinitionArn, await lookAt(view, state, definitions, tools)] as const,
  )
  return Object.fromEntries(await Promise.all(looked))
}

async function lookAt(
  view: DeliveryView,
  state: GoodState,
  definitions: Definitions,
  { images, snapshots }: UsableTools,
): Promise<Usable> {
  const { taskDefinitionArn } = state
  const [definition, missingImages] = await Promise.all([
    definitions.definitionState(taskDefinitionArn),
    missingOf(view, state, images),
  ])
  const isNeeded = isRegisteredAnew(view, state, definition)
  const snapshot = isNeeded ? await snapshots.get(view.service, taskDefinitionArn) : undefined
  return { definition, hasSnapshot: snapshot !== undefined, missingImages }
}

/** As ECS says now. `missing`: it answers "Unable to describe task definition" as a plain ClientException. */
export async function definitionState(ecs: EcsApi, arn: string): Promise<DefinitionState> {
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
