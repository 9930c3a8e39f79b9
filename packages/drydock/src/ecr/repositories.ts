/** Repositories: made, described, changed and deleted. */

import * as client from '@aws-sdk/client-ecr'
import { arnOf, parseArn } from '../arn.ts'
import type { Handlers } from '../wire/handlers.ts'
import { registryOf, repositoryOf, requireEnum, requireLength, requireRepositoryName } from './constraints.ts'
import {
  invalidParameter,
  repositoryAlreadyExists,
  repositoryNotEmpty,
  repositoryNotFound,
} from './errors.ts'
import { emitTagChange } from './events.ts'
import { requestedPage } from './page.ts'
import { readTags } from './resource-tags.ts'
import { type EcrOperationContext, findRepository, type StoredRepository } from './state.ts'

const MUTABILITY = client.ImageTagMutability
const EXCLUSION = /^[0-9a-zA-Z._*-]{1,128}$/

export const repositoryOperations = {
  CreateRepository(input, context) {
    const name = input.repositoryName ?? ''
    requireRepositoryName(name)
    const registryId = registryOf(input.registryId, context)
    if (registryId !== context.accountId)
      throw invalidParameter('registryId', 'must be the registry of the caller')
    const repository = newRepository(name, input, context)
    if (findRepository(context.state, name)) throw repositoryAlreadyExists(name, context)
    context.state.repositories[name] = repository
    if (repository.tags.length)
      emitTagChange(
        repository,
        repository.tags.map(({ key }) => key),
        context,
      )
    return { repository: describe(repository, context) }
  },

  DescribeRepositories(input, context) {
    const registryId = registryOf(input.registryId, context)
    const own = registryId === context.accountId ? Object.values(context.state.repositories) : []
    if (!input.repositoryNames) {
      const { items, nextToken } = requestedPage(own, ({ name }) => name, input)
      return { repositories: items.map((item) => describe(item, context)), nextToken }
    }
    requireLength('repositoryNames', input.repositoryNames.length, 1, 100)
    if (input.nextToken !== undefined || input.maxResults !== undefined) {
      throw invalidParameter('repositoryNames', 'must not be given together with nextToken or maxResults')
    }
    const found = input.repositoryNames.map((repositoryName) =>
      repositoryOf({ ...input, repositoryName }, context),
    )
    return { repositories: found.map((item) => describe(item, context)) }
  },

  DeleteRepository(input, context) {
    const repository = repositoryOf(input, context)
    const isEmpty = Object.keys(repository.images).length === 0
    if (!isEmpty && !input.force) throw repositoryNotEmpty(repository.name, context)
    const described = describe(repository, context)
    delete context.state.repositories[repository.name]
    context.ask({ kind: 'sweep-layers' })
    return { repository: described }
  },

  PutImageTagMutability(input, context) {
    const repository = repositoryOf(input, context)
    const exclusions = readMutability(input)
    repository.imageTagMutability = input.imageTagMutability ?? MUTABILITY.MUTABLE
    repository.mutabilityExclusions = exclusions
    return { registryId: context.accountId, repositoryName: repository.name, ...mutabilityOf(repository) }
  },

  PutImageScanningConfiguration(input, context) {
    const repository = repositoryOf(input, context)
    repository.scanOnPush = input.imageScanningConfiguration?.scanOnPush ?? false
    const imageScanningConfiguration = { scanOnPush: repository.scanOnPush }
    return { registryId: context.accountId, repositoryName: repository.name, imageScanningConfiguration }
  },
} satisfies Partial<Handlers<typeof client, EcrOperationContext>>

function newRepository(
  name: string,
  input: client.CreateRepositoryRequest,
  context: EcrOperationContext,
): StoredRepository {
  const { encryptionType = 'AES256', kmsKey } = input.encryptionConfiguration ?? {}
  requireEnum('encryptionConfiguration.encryptionType', encryptionType, client.EncryptionType)
  return {
    name,
    arn: arnOf('ecr', context, `repository/${name}`),
    createdAt: context.now,
    mutabilityExclusions: readMutability(input),
    imageTagMutability: input.imageTagMutability ?? MUTABILITY.MUTABLE,
    scanOnPush: input.imageScanningConfiguration?.scanOnPush ?? false,
    encryption: { encryptionType, ...(kmsKey !== undefined && { kmsKey }) },
    tags: readTags(input.tags ?? []),
    tagVersion: 0,
    images: {},
    layers: {},
    uploads: {},
  }
}

/** The exclusion patterns of a mutability setting. Throws InvalidParameterException where setting and filters differ. */
function readMutability(
  input: client.PutImageTagMutabilityRequest | client.CreateRepositoryRequest,
): string[] {
  requireEnum('imageTagMutability', input.imageTagMutability, MUTABILITY)
  const filters = input.imageTagMutabilityExclusionFilters
  const takesFilters = input.imageTagMutability?.endsWith('_WITH_EXCLUSION') ?? false
  if (takesFilters !== (filters !== undefined)) {
    const constraint = `must ${takesFilters ? '' : 'not '}be given when imageTagMutability is ${input.imageTagMutability ?? 'MUTABLE'}`
    throw invalidParameter('imageTagMutabilityExclusionFilters', constraint)
  }
  if (filters) requireLength('imageTagMutabilityExclusionFilters', filters.length, 1, 5)
  return (filters ?? []).map(({ filterType, filter = '' }) => {
    requireEnum('filterType', filterType ?? '', client.ImageTagMutabilityExclusionFilterType)
    if (!EXCLUSION.test(filter))
      throw invalidParameter('filter', `must satisfy regular expression '${EXCLUSION.source}'`)
    return filter
  })
}

/** Whether `tag`, once on an image of the repository, stays there. */
export function isImmutable(repository: StoredRepository, tag: string): boolean {
  const isExcluded = repository.mutabilityExclusions.some((wildcard) => matches(wildcard, tag))
  return repository.imageTagMutability.startsWith('IMMUTABLE') !== isExcluded
}

function matches(wildcard: string, tag: string): boolean {
  const literal = (part: string) => part.replaceAll('.', '\\.')
  return new RegExp(`^${wildcard.split(/\*+/).map(literal).join('.*')}$`).test(tag)
}

function mutabilityOf(repository: StoredRepository) {
  const filters = repository.mutabilityExclusions.map((filter) => ({
    filterType: 'WILDCARD' as const,
    filter,
  }))
  return {
    imageTagMutability: repository.imageTagMutability,
    ...(filters.length && { imageTagMutabilityExclusionFilters: filters }),
  }
}

/** A repository as the API shows it. Its URI is at the engine's own address, where it can be pushed to and pulled from. */
function describe(repository: StoredRepository, context: EcrOperationContext): client.Repository {
  return {
    repositoryArn: repository.arn,
    registryId: context.accountId,
    repositoryName: repository.name,
    repositoryUri: `${new URL(context.endpoint).host}/${repository.name}`,
    createdAt: new Date(repository.createdAt),
    imageScanningConfiguration: { scanOnPush: repository.scanOnPush },
    encryptionConfiguration: repository.encryption,
    ...mutabilityOf(repository),
  }
}

/** The repository that an ARN names. Throws InvalidParameterException or RepositoryNotFoundException. */
export function repositoryByArn(arn: string | undefined, context: EcrOperationContext): StoredRepository {
  const parsed = parseArn(arn ?? '')
  const [, name] = /^repository\/(.+)$/.exec(parsed?.resource ?? '') ?? []
  if (parsed?.service !== 'ecr' || name === undefined)
    throw invalidParameter('resourceArn', 'must be the ARN of a repository')
  const { region, accountId } = parsed
  const isHere = region === context.region && accountId === context.accountId
  const repository = isHere ? findRepository(context.state, name) : undefined
  if (!repository) throw repositoryNotFound(name, accountId)
  return repository
}
