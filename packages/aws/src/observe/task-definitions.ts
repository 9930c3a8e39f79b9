/** Task definitions by ARN. They never change, so a warm function asks ECS once for each. */
import { DescribeTaskDefinitionCommand, type ECSClient } from '@aws-sdk/client-ecs'
import { Failure } from '@capstan/core/failure.ts'
import { boundedCache, type Cache } from '../bounded-cache.ts'
import type { TaggedTaskDefinition } from '../task-definition.ts'

export type TaskDefinitions = Cache<TaggedTaskDefinition>

/** A definition is a few kilobytes: this many cost a function some megabytes. */
const MOST_DEFINITIONS = 500

/** Task definitions as `ecs` describes them, remembered by ARN. */
export function taskDefinitionsOf(ecs: ECSClient): TaskDefinitions {
  return boundedCache(MOST_DEFINITIONS, (arn) => describeTaskDefinition(ecs, arn))
}

/** One definition with its tags; a family's name stands for its latest active revision. Never from memory. */
export async function describeTaskDefinition(ecs: ECSClient, name: string): Promise<TaggedTaskDefinition> {
  const command = new DescribeTaskDefinitionCommand({ taskDefinition: name, include: ['TAGS'] })
  const { taskDefinition, tags = [] } = await ecs.send(command)
  if (!taskDefinition) throw new Failure('NOT_FOUND', `ECS does not know the task definition ${name}.`)
  return { definition: taskDefinition, tags }
}
