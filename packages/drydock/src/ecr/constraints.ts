/** What ECR checks of its inputs: names, tags, digests, counts (constraints of the ECR API model, 2015-09-21). */
import { invalidParameter, repositoryNotFound } from './errors.ts'
import { type EcrOperationContext, findRepository, type StoredRepository } from './state.ts'

const NAME = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/
const NAME_AS_TOLD = '[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*'
const TAG = /^[a-zA-Z0-9-_.]+$/
const DIGEST = /^sha256:[a-f0-9]{64}$/

const pattern = (regex: string) => `must satisfy regular expression '${regex}'`

/** Throws InvalidParameterException unless `length` is within `least` and `most`. */
export function requireLength(parameter: string, length: number, least: number, most: number): void {
  if (length < least)
    throw invalidParameter(parameter, `Member must have length greater than or equal to ${least}`)
  if (length > most)
    throw invalidParameter(parameter, `Member must have length less than or equal to ${most}`)
}

/** Throws InvalidParameterException unless `value` is a whole number within `least` and `most`. */
export function requireCount(parameter: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value)) throw invalidParameter(parameter, 'Member must be an integer')
  if (value < least)
    throw invalidParameter(parameter, `Member must have value greater than or equal to ${least}`)
  if (value > most) throw invalidParameter(parameter, `Member must have value less than or equal to ${most}`)
}

/** Throws InvalidParameterException unless `value` is absent or one of `allowed`. */
export function requireEnum(parameter: string, value: string | undefined, allowed: object): void {
  const values = Object.values(allowed)
  if (value === undefined || values.includes(value)) return
  throw invalidParameter(parameter, `Member must satisfy enum value set: [${values.join(', ')}]`)
}

/** Throws InvalidParameterException unless `name` may name a repository. */
export function requireRepositoryName(name: string): void {
  requireLength('repositoryName', name.length, 2, 256)
  if (!NAME.test(name)) throw invalidParameter('repositoryName', pattern(NAME_AS_TOLD))
}

/** Throws InvalidParameterException unless `tag` may be an image tag. */
export function requireTag(tag: string): void {
  requireLength('imageTag', tag.length, 1, 300)
  if (!TAG.test(tag)) throw invalidParameter('imageTag', pattern('[a-zA-Z0-9-_.]+'))
}

/** Whether `digest` is one that ECR takes: SHA-256 only. */
export const isDigest = (digest: string) => DIGEST.test(digest)

/** The repository that a request names. Throws RepositoryNotFoundException; other accounts' registries are not shared. */
export function repositoryOf(
  input: { repositoryName: string | undefined; registryId?: string | undefined },
  context: EcrOperationContext,
): StoredRepository {
  const name = input.repositoryName ?? ''
  requireRepositoryName(name)
  const registryId = registryOf(input.registryId, context)
  const repository = registryId === context.accountId ? findRepository(context.state, name) : undefined
  if (!repository) throw repositoryNotFound(name, registryId)
  return repository
}

/** The registry that a request names, the caller's unless told. Throws InvalidParameterException. */
export function registryOf(registryId: string | undefined, context: EcrOperationContext): string {
  if (registryId === undefined) return context.accountId
  if (!/^\d{12}$/.test(registryId)) throw invalidParameter('registryId', pattern('[0-9]{12}'))
  return registryId
}
