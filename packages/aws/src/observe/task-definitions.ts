/** Task definitions by ARN. They never change, so a warm function asks ECS once for each. */

import { Failure } from '@capstan/core/failure.ts'
import { boundedCache, type Cache } from '../bounded-cache.ts'
import type { EcsApi } from '../clients.ts'
import type { TaggedTaskDefinition } from '../task-definition.ts'

export type TaskDefinitions = Cache<TaggedTaskDefinition>

/** A definition is a few kilobytes: this many cost a function some megabytes. */
const MOST_DEFINITIONS = 500

/** Task definitions as `ecs` describes them, remembered by ARN. */
export function taskDefinitionsOf(ecs: EcsApi): TaskDefinitions {
  return boundedCache(MOST_DEFINITIONS, (arn) => describeTaskDefinition(ecs, arn))
}

/** One definition with its tags; a family's name stands for its latest active revision. Never from memory. */
export async function describeTaskDefinition(ecs: EcsApi, name: string): Promise<TaggedTaskDefinition> {
  const { taskDefinition, tags = [] } = await ecs.call('DescribeTaskDefinition', {
    taskDefinition: name,
    include: ['TAGS'],
  })
  if (!taskDefinition) throw new Failure('NOT_FOUND', `ECS does not know the task definition ${name}.`)
  return { definition: taskDefinition, tags }
}
