/** Event source mappings as the API shows them. */
import type { EventSourceMappingConfiguration } from '@aws-sdk/client-lambda'
import type { Scope } from '../service.ts'
import { functionArn } from './names.ts'
import type { EventSourceMapping } from './state.ts'

/** A mapping, as GetEventSourceMapping answers. */
export function mappingView(mapping: EventSourceMapping, scope: Scope): EventSourceMappingConfiguration {
  const { settings } = mapping
  const { maximumConcurrency: most, filters, metrics } = settings
  return {
    UUID: mapping.id,
    EventSourceMappingArn: mapping.arn,
    EventSourceArn: mapping.queueArn,
    FunctionArn: functionArn(scope, settings.functionName),
    BatchSize: settings.batchSize,
    MaximumBatchingWindowInSeconds: settings.windowSeconds,
    LastModified: new Date(mapping.lastModified),
    State: mapping.state,
    StateTransitionReason: 'USER_INITIATED',
    FunctionResponseTypes: settings.reportsItemFailures ? ['ReportBatchItemFailures'] : [],
    ...(most === undefined ? {} : { ScalingConfig: { MaximumConcurrency: most } }),
    ...(filters.length ? { FilterCriteria: { Filters: filters.map((Pattern) => ({ Pattern })) } } : {}),
    ...(metrics ? { MetricsConfig: { Metrics: [...metrics] } } : {}),
  }
}
