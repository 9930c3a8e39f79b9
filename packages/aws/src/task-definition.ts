/** The new revision of a task definition: the service's current one with nothing but the matched images replaced. */
import type { RegisterTaskDefinitionCommandInput, Tag, TaskDefinition } from '@aws-sdk/client-ecs'
import { Failure } from '@capstan/core/failure.ts'

/** Marks a task definition as registered by the Capstan deployment of that id: how its outcome is recognised later. */
const DEPLOYMENT_TAG = 'capstan:deployment'
/** Tells people and other tools who registers these revisions. */
const MANAGED_BY_TAG = 'capstan:managed-by'

/** A task definition with its tags, as DescribeTaskDefinition (include TAGS) and RegisterTaskDefinition return them. */
export interface TaggedTaskDefinition {
  readonly definition: TaskDefinition
  readonly tags: readonly Tag[]
}

/** What one container should run. */
export interface NewImage {
  readonly container: string
  /** `registry/repository@sha256:…` */
  readonly image: string
}

/**
 * What to register so that `deployment` runs `images`. All other fields are kept exactly; those that only a response
 * has are dropped (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html).
 * Throws `Failure` INVALID_REQUEST where the definition lacks one of the containers.
 */
export function newRevision(
  current: TaggedTaskDefinition,
  images: readonly NewImage[],
  deployment: string,
): RegisterTaskDefinitionCommandInput {
  const { containerDefinitions = [], taskDefinitionArn } = current.definition
  const lacking = images.find(({ container }) => !containerDefinitions.some(({ name }) => name === container))
  if (lacking) {
    const what = `The task definition ${taskDefinitionArn} has no container '${lacking.container}'.`
    throw new Failure('INVALID_REQUEST', `${what} Correct the container's name in the service's settings.`)
  }
  const input = registrationOf(current)
  return withDeploymentTag(
    {
      ...input,
      containerDefinitions: containerDefinitions.map((definition) => {
        const change = images.find(({ container }) => container === definition.name)
        return change ? { ...definition, image: change.image } : definition
      }),
    },
    deployment,
  )
}

/** What to register so that the same is run again: all but what only a response has, with tags that may be set. */
export function registrationOf({
  definition,
  tags,
}: TaggedTaskDefinition): RegisterTaskDefinitionCommandInput {
  const {
    taskDefinitionArn: _taskDefinitionArn,
    revision: _revision,
    status: _status,
    requiresAttributes: _requiresAttributes,
    compatibilities: _compatibilities,
    registeredAt: _registeredAt,
    deregisteredAt: _deregisteredAt,
    deleteRequestedAt: _deleteRequestedAt,
    registeredBy: _registeredBy,
    containerDefinitions = [],
    family,
    ...kept
  } = definition
  // AWS sets tags of its own, which nobody else may set.
  const own = tags.filter(({ key }) => !key?.toLowerCase().startsWith('aws:'))
  return { ...kept, family, containerDefinitions, tags: own }
}

/** The same, registered by `deployment`: that tag tells later whose it is. */
export function withDeploymentTag(
  input: RegisterTaskDefinitionCommandInput,
  deployment: string,
): RegisterTaskDefinitionCommandInput {
  const others = (input.tags ?? []).filter(({ key }) => key !== DEPLOYMENT_TAG && key !== MANAGED_BY_TAG)
  const added = [
    { key: DEPLOYMENT_TAG, value: deployment },
    { key: MANAGED_BY_TAG, value: 'capstan' },
  ]
  return { ...input, tags: [...others, ...added] }
}

/** The Capstan deployment that registered it, if one did. */
export function deploymentOf(tags: readonly Tag[]): string | undefined {
  return tags.find(({ key }) => key === DEPLOYMENT_TAG)?.value
}
