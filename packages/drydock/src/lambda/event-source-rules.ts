/** The settings of event source mappings: read from requests, with Lambda's checks and defaults for queues. */
import type {
  CreateEventSourceMappingRequest,
  FilterCriteria,
  UpdateEventSourceMappingRequest,
} from '@aws-sdk/client-lambda'
import { parseArn } from '../arn.ts'
import { InvalidPattern } from '../event-pattern/invalid-pattern.ts'
import type { Scope } from '../service.ts'
import { requireLength, requireRange, violation } from '../wire/violation.ts'
import { refused } from './errors.ts'
import { compileFilter } from './event-filter.ts'
import type { EventSourceSettings } from './state.ts'

/** API Reference, CreateEventSourceMapping: BatchSize, and from where on it needs a window. */
const BATCH_SIZE = 10
const LARGEST_BATCH = 10_000
const LARGEST_WITHOUT_WINDOW = 10
const LONGEST_WINDOW_SECONDS = 300
/** API Reference, ScalingConfig. */
const LEAST_CONCURRENCY = 2
const MOST_CONCURRENCY = 1000
/** Lambda quotas: filters of a mapping; API Reference, Filter: characters of a pattern. */
const MOST_FILTERS = 5
const LONGEST_PATTERN = 4096

type SettingsInput = Omit<UpdateEventSourceMappingRequest, 'UUID' | 'FunctionName'>

/** The settings that queues do not have. */
const OF_OTHER_SOURCES = [
  'ParallelizationFactor',
  'DestinationConfig',
  'MaximumRecordAgeInSeconds',
  'BisectBatchOnFunctionError',
  'MaximumRetryAttempts',
  'TumblingWindowInSeconds',
  'SourceAccessConfigurations',
  'AmazonManagedKafkaEventSourceConfig',
  'SelfManagedKafkaEventSourceConfig',
  'DocumentDBEventSourceConfig',
  'LoggingConfig',
] as const satisfies readonly (keyof SettingsInput)[]

/** Those that queues have and this engine has not. */
const UNSUPPORTED = [
  'ProvisionedPollerConfig',
  'KMSKeyArn',
] as const satisfies readonly (keyof SettingsInput)[]

/** The queue that a request names. Throws InvalidParameterValueException for any other source. */
export function requireSource(input: CreateEventSourceMappingRequest, { region }: Scope): string {
  const arn = input.EventSourceArn
  if (arn === undefined) throw refused('Unrecognized event source, must be kinesis, sqs or dynamodb stream.')
  const parsed = parseArn(arn)
  if (parsed?.service !== 'sqs' || !/^[\w-]+(\.fifo)?$/.test(parsed.resource))
    throw refused(`This engine reads from SQS queues only; ${arn} is none.`)
  if (parsed.region !== region)
    throw refused(`The queue ${arn} and the function must be in the same region, ${region}.`)
  const { StartingPosition, StartingPositionTimestamp, Topics, Queues, SelfManagedEventSource } = input
  const others = { StartingPosition, StartingPositionTimestamp, Topics, Queues, SelfManagedEventSource }
  for (const [name, value] of Object.entries(others)) if (value !== undefined) throw ofOthers(name)
  return arn
}

const ofOthers = (name: string) => refused(`${name} is not supported for SQS event sources.`)

/** Settings of a new mapping. Throws InvalidParameterValueException or ValidationException. */
export function newSourceSettings(
  functionName: string,
  input: SettingsInput,
  queueArn: string,
): EventSourceSettings {
  const initial: EventSourceSettings = {
    functionName,
    enabled: true,
    batchSize: BATCH_SIZE,
    windowSeconds: 0,
    reportsItemFailures: false,
    filters: [],
  }
  return changedSourceSettings(initial, input, queueArn)
}

/** Settings with a request's changes; an empty ScalingConfig takes the limit away. Throws as `newSourceSettings`. */
export function changedSourceSettings(
  old: EventSourceSettings,
  input: SettingsInput,
  queueArn: string,
): EventSourceSettings {
  refuseStrange(input)
  requireRanges(input)
  const { maximumConcurrency: before, ...rest } = old
  const most = input.ScalingConfig ? input.ScalingConfig.MaximumConcurrency : before
  const metrics = input.MetricsConfig ? input.MetricsConfig.Metrics : old.metrics
  const settings: EventSourceSettings = {
    ...rest,
    enabled: input.Enabled ?? old.enabled,
    batchSize: input.BatchSize ?? old.batchSize,
    windowSeconds: input.MaximumBatchingWindowInSeconds ?? old.windowSeconds,
    reportsItemFailures: input.FunctionResponseTypes
      ? input.FunctionResponseTypes.length > 0
      : old.reportsItemFailures,
    filters: input.FilterCriteria ? readFilters(input.FilterCriteria) : old.filters,
    ...(most === undefined ? {} : { maximumConcurrency: most }),
    ...(metrics ? { metrics } : {}),
  }
  requireTogether(settings, queueArn)
  return settings
}

function refuseStrange(input: SettingsInput): void {
  const other = OF_OTHER_SOURCES.find((name) => input[name] !== undefined)
  if (other) throw ofOthers(other)
  const missing = UNSUPPORTED.find((name) => input[name] !== undefined)
  if (missing) throw refused(`${missing} is not supported by this engine.`)
}

function requireRanges(input: SettingsInput): void {
  requireRange('batchSize', input.BatchSize, 1, LARGEST_BATCH)
  requireRange(
    'maximumBatchingWindowInSeconds',
    input.MaximumBatchingWindowInSeconds,
    0,
    LONGEST_WINDOW_SECONDS,
  )
  const most = input.ScalingConfig?.MaximumConcurrency
  requireRange('scalingConfig.maximumConcurrency', most, LEAST_CONCURRENCY, MOST_CONCURRENCY)
  const types: readonly string[] = input.FunctionResponseTypes ?? []
  requireLength('functionResponseTypes', types.length, 0, 1)
  const strange = types.find((type) => type !== 'ReportBatchItemFailures')
  if (strange === undefined) return
  throw violation(
    'functionResponseTypes',
    `[${strange}]`,
    'Member must satisfy constraint: [Member must satisfy enum value set: [ReportBatchItemFailures]]',
  )
}

/** API Reference, CreateEventSourceMapping: MaximumBatchingWindowInSeconds. */
function requireTogether({ batchSize, windowSeconds }: EventSourceSettings, queueArn: string): void {
  if (queueArn.endsWith('.fifo') && windowSeconds > 0)
    throw refused('Batching window is not supported for FIFO queues')
  if (batchSize > LARGEST_WITHOUT_WINDOW && windowSeconds === 0) {
    throw refused(
      'Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10',
    )
  }
}

function readFilters({ Filters = [] }: FilterCriteria): string[] {
  const bad = refused('Invalid filter pattern definition.')
  if (Filters.length > MOST_FILTERS) throw refused(`A mapping can have ${MOST_FILTERS} filters at most.`)
  return Filters.map(({ Pattern = '' }) => {
    if (Pattern.length > LONGEST_PATTERN) throw bad
    try {
      compileFilter(Pattern)
    } catch (error) {
      if (error instanceof InvalidPattern) throw bad
      throw error
    }
    return Pattern
  })
}
