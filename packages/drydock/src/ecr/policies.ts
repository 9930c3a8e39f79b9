/**
 * Lifecycle policies and repository policies: checked, kept and given back. Neither is acted upon: no image expires,
 * and every caller may do everything.
 */

import type * as client from '@aws-sdk/client-ecr'
import { isRecord, parseRecord } from '../json.ts'
import type { Handlers } from '../wire/handlers.ts'
import { repositoryOf, requireLength } from './constraints.ts'
import { invalidParameter, lifecyclePolicyNotFound, repositoryPolicyNotFound } from './errors.ts'
import type { EcrOperationContext, StoredRepository } from './state.ts'

export const policyOperations = {
  PutLifecyclePolicy(input, context) {
    const repository = repositoryOf(input, context)
    const text = input.lifecyclePolicyText ?? ''
    requireLifecyclePolicy(text)
    repository.lifecyclePolicy = text
    return { ...idOf(repository, context), lifecyclePolicyText: text }
  },

  GetLifecyclePolicy(input, context) {
    const repository = repositoryOf(input, context)
    const text = repository.lifecyclePolicy
    if (text === undefined) throw lifecyclePolicyNotFound(repository.name, context)
    return { ...idOf(repository, context), lifecyclePolicyText: text }
  },

  DeleteLifecyclePolicy(input, context) {
    const repository = repositoryOf(input, context)
    const text = repository.lifecyclePolicy
    if (text === undefined) throw lifecyclePolicyNotFound(repository.name, context)
    delete repository.lifecyclePolicy
    return { ...idOf(repository, context), lifecyclePolicyText: text }
  },

  SetRepositoryPolicy(input, context) {
    const repository = repositoryOf(input, context)
    const text = input.policyText ?? ''
    requireLength('policyText', text.length, 0, 10_240)
    if (!parseRecord(text)) throw invalidParameter('PolicyText', 'Invalid repository policy provided')
    repository.policy = text
    return { ...idOf(repository, context), policyText: text }
  },

  GetRepositoryPolicy(input, context) {
    const repository = repositoryOf(input, context)
    if (repository.policy === undefined) throw repositoryPolicyNotFound(repository.name, context)
    return { ...idOf(repository, context), policyText: repository.policy }
  },

  DeleteRepositoryPolicy(input, context) {
    const repository = repositoryOf(input, context)
    const text = repository.policy
    if (text === undefined) throw repositoryPolicyNotFound(repository.name, context)
    delete repository.policy
    return { ...idOf(repository, context), policyText: text }
  },
} satisfies Partial<Handlers<typeof client, EcrOperationContext>>

const idOf = (repository: StoredRepository, { accountId }: EcrOperationContext) => ({
  registryId: accountId,
  repositoryName: repository.name,
})

/** Throws InvalidParameterException. Rules: ECR user guide, Lifecycle policy properties. */
function requireLifecyclePolicy(text: string): void {
  requireLength('lifecyclePolicyText', text.length, 100, 30_720)
  const rules = parseRecord(text)?.rules
  if (!Array.isArray(rules) || !rules.length || !rules.every(isRecord)) {
    throw lifecycle('Could not map policyString into LifecyclePolicy.')
  }
  const priorities = rules.map((rule) => rule.rulePriority)
  if (new Set(priorities).size < priorities.length) throw lifecycle('Duplicate rulePriority found.')
  for (const rule of rules) requireRule(rule)
}

function requireRule(rule: Record<string, unknown>): void {
  const { rulePriority, selection, action } = rule
  if (!Number.isInteger(rulePriority) || Number(rulePriority) < 1) {
    throw lifecycle('rulePriority must be an integer greater than 0.')
  }
  if (!isRecord(action) || !['expire', 'transition'].includes(String(action.type))) {
    throw lifecycle("Each rule must have an action whose type is 'expire' or 'transition'.")
  }
  if (!isRecord(selection)) throw lifecycle('Each rule must have a selection.')
  if (!['tagged', 'untagged', 'any'].includes(String(selection.tagStatus))) {
    throw lifecycle("tagStatus must be 'tagged', 'untagged' or 'any'.")
  }
  if (selection.tagStatus === 'tagged' && !selection.tagPrefixList && !selection.tagPatternList) {
    throw lifecycle('Must specify tagPrefixList or tagPatternList when tagStatus=TAGGED.')
  }
  if (!Number.isInteger(selection.countNumber) || Number(selection.countNumber) < 1) {
    throw lifecycle('countNumber must be an integer greater than 0.')
  }
}

const lifecycle = (reason: string) =>
  invalidParameter('LifecyclePolicyText', `Lifecycle policy validation failure: ${reason}`)
