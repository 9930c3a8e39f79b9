/** Amazon ECR: repositories, images and layers, and what the registry protocol beside it (registry.ts) stores here. */
import * as client from '@aws-sdk/client-ecr'
import type { Service, Timed } from '../service.ts'
import { operations } from '../wire/model.ts'
import { authorizationOperations } from './authorization.ts'
import type { EcrEffect, EcrReport } from './effects.ts'
import { imageDeleteOperations } from './image-deletes.ts'
import { imageListOperations } from './image-lists.ts'
import { imageOperations } from './images.ts'
import { layerOperations } from './layers.ts'
import { policyOperations } from './policies.ts'
import { receive } from './receive.ts'
import { repositoryOperations } from './repositories.ts'
import { tagOperations } from './resource-tags.ts'
import { type EcrOperationContext, type EcrState, emptyState } from './state.ts'

const handlers = {
  ...authorizationOperations,
  ...imageDeleteOperations,
  ...imageListOperations,
  ...imageOperations,
  ...layerOperations,
  ...policyOperations,
  ...repositoryOperations,
  ...tagOperations,
}

/** Amazon ECR as far as these operations go. */
export const ecr = {
  model: operations<typeof client, EcrOperationContext>(client, handlers),
  emptyState,
  receive,
} satisfies Service<EcrState, Timed, EcrReport, EcrEffect>
