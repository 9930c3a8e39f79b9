/** Amazon ECS: clusters, task definitions, services that roll, and tasks that live and die as AWS describes it. */
import * as client from '@aws-sdk/client-ecs'
import type { Service } from '../service.ts'
import { operations } from '../wire/model.ts'
import { accountSettingOperations } from './account-settings.ts'
import { clusterOperations } from './clusters.ts'
import { instanceOperations } from './container-instance-operations.ts'
import type { EcsEffect, EcsReport } from './effects.ts'
import { perform } from './perform.ts'
import { receive } from './receive.ts'
import { type EcsAction, schedule } from './schedule.ts'
import { serviceDeploymentOperations } from './service-deployment-operations.ts'
import { serviceOperations } from './services.ts'
import { type EcsOperationContext, type EcsState, emptyState } from './state.ts'
import { tagOperations } from './tags.ts'
import { taskDefinitionOperations } from './task-definitions.ts'
import { taskOperations } from './tasks.ts'

export const ecs = {
  model: operations<typeof client, EcsOperationContext>(client, {
    ...clusterOperations,
    ...taskDefinitionOperations,
    ...taskOperations,
    ...instanceOperations,
    ...serviceOperations,
    ...serviceDeploymentOperations,
    ...tagOperations,
    ...accountSettingOperations,
  }),
  emptyState,
  schedule,
  perform,
  receive,
} satisfies Service<EcsState, EcsAction, EcsReport, EcsEffect>
