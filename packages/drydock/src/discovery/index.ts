/** AWS Cloud Map: namespaces, discovery services, instances, and the questions of who is there. */
import * as client from '@aws-sdk/client-servicediscovery'
import type { Service } from '../service.ts'
import { operations } from '../wire/model.ts'
import { attributeOperations } from './attributes.ts'
import { healthOperations } from './custom-health.ts'
import { discoverOperations } from './discover.ts'
import type { DiscoveryEffect, DiscoveryReport } from './effects.ts'
import { instanceOperations } from './instances.ts'
import { namespaceOperations } from './namespaces.ts'
import { operationOperations } from './operations.ts'
import { perform } from './perform.ts'
import { receive } from './receive.ts'
import { type DiscoveryAction, schedule } from './schedule.ts'
import { serviceOperations } from './services.ts'
import { type DiscoveryOperationContext, type DiscoveryState, emptyState } from './state.ts'
import { tagOperations } from './tags.ts'

export const discovery = {
  model: operations<typeof client, DiscoveryOperationContext>(client, {
    ...namespaceOperations,
    ...serviceOperations,
    ...attributeOperations,
    ...instanceOperations,
    ...healthOperations,
    ...discoverOperations,
    ...operationOperations,
    ...tagOperations,
  }),
  emptyState,
  schedule,
  perform,
  receive,
} satisfies Service<DiscoveryState, DiscoveryAction, DiscoveryReport, DiscoveryEffect>
