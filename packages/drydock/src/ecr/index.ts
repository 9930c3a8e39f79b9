/** Amazon ECR: repositories, images and layers, and what the registry protocol beside it (registry.ts) stores here. */
import * as client from '@aws-sdk/client-ecr'
import type { Service, Timed } from '../service.ts'
import { operations } from '../wire/model.ts'
import { authorization } from './authorization.ts'
import type { EcrEffect, EcrReport } from './effects.ts'
import { imageDeletes } from './image-deletes.ts'
import { imageLists } from './image-lists.ts'
import { images } from './images.ts'
import { layers } from './layers.ts'
import { policies } from './policies.ts'
import { receive } from './receive.ts'
import { repositories } from './repositories.ts'
import { resourceTags } from './resource-tags.ts'
import { type EcrContext, type EcrState, emptyState } from './state.ts'

const handlers = {
  ...authorization,
  ...imageDeletes,
  ...imageLists,
  ...images,
  ...layers,
  ...policies,
  ...repositories,
  ...resourceTags,
}

/** Amazon ECR as far as these operations go. */
export const ecr = {
  model: operations<typeof client, EcrContext>(client, handlers),
  emptyState,
  receive,
} satisfies Service<EcrState, Timed, EcrReport, EcrEffect>
