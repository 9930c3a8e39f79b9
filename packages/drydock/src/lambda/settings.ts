/** A function's settings: read from a request with Lambda's checks and defaults, and shown as the API shows them. */
import type {
  Architecture,
  CreateFunctionCommandInput,
  FunctionConfiguration,
  Runtime,
  TracingMode,
} from '@aws-sdk/client-lambda'
import { requireRange, violation } from '../wire/violation.ts'
import type { FunctionSpec } from './effects.ts'
import { refused } from './errors.ts'
import type { FunctionSettings, FunctionState } from './state.ts'

/** The runtimes that run here, all on the Node that runs the engine. */
const runtimes = ['nodejs22.x', 'nodejs24.x']
/** Developer Guide, Lambda runtime environment variables: those that a function cannot set itself. */
const RESERVED = new Set([
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_DEFAULT_REGION',
  'AWS_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_LAMBDA_RUNTIME_API',
  'LAMBDA_TASK_ROOT',
  'LAMBDA_RUNTIME_DIR',
])
const LARGEST_ENVIRONMENT_BYTES = 4096
const ROLE = /^arn:aws[a-zA-Z-]*:iam::\d{12}:role\/?[a-zA-Z_0-9+=,.@\-_/]+$/
const QUEUE = /^arn:aws[a-zA-Z-]*:sqs:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,80}$/

/** The members that CreateFunction and UpdateFunctionConfiguration share. */
export type SettingsInput = Omit<CreateFunctionCommandInput, 'Code' | 'Role'> & {
  readonly Role?: string | undefined
}

/** Settings of a new function. Throws InvalidParameterValueException or ValidationException. */
export function newSettings(name: string, input: SettingsInput): FunctionSettings {
  if (!input.Runtime || !input.Handler) {
    throw refused(
      'Runtime and Handler are mandatory parameters for functions created with deployment packages.',
    )
  }
  return changedSettings(
    {
      role: '',
      runtime: '',
      handler: '',
      description: '',
      timeoutSeconds: 3,
      memoryMb: 128,
      ephemeralStorageMb: 512,
      tracingMode: 'PassThrough',
      architecture: 'x86_64',
      logGroup: `/aws/lambda/${name}`,
    },
    input,
  )
}

/** Settings with a request's changes. The old ones are left as they are. Throws as `newSettings`. */
export function changedSettings(old: FunctionSettings, input: SettingsInput): FunctionSettings {
  requireSettings(input)
  refuseUnsupported(input)
  const variables = input.Environment ? (input.Environment.Variables ?? {}) : old.variables
  const deadLetter = input.DeadLetterConfig ? input.DeadLetterConfig.TargetArn : old.deadLetterArn
  const { variables: _variables, deadLetterArn: _deadLetterArn, ...rest } = old
  return {
    ...rest,
    role: input.Role ?? old.role,
    runtime: input.Runtime ?? old.runtime,
    handler: input.Handler ?? old.handler,
    description: input.Description ?? old.description,
    timeoutSeconds: input.Timeout ?? old.timeoutSeconds,
    memoryMb: input.MemorySize ?? old.memoryMb,
    ephemeralStorageMb: input.EphemeralStorage?.Size ?? old.ephemeralStorageMb,
    tracingMode: input.TracingConfig?.Mode ?? old.tracingMode,
    architecture: input.Architectures?.[0] ?? old.architecture,
    logGroup: input.LoggingConfig?.LogGroup ?? old.logGroup,
    ...(variables && Object.keys(variables).length ? { variables } : {}),
    ...(deadLetter ? { deadLetterArn: deadLetter } : {}),
  }
}

function requireSettings(input: SettingsInput): void {
  requireRange('timeout', input.Timeout, 1, 900)
  requireRange('memorySize', input.MemorySize, 128, 10_240)
  requireRange('ephemeralStorage.size', input.EphemeralStorage?.Size, 512, 10_240)
  if (input.Role !== undefined && !ROLE.test(input.Role)) {
    throw violation('role', input.Role, `Member must satisfy regular expression pattern: ${ROLE.source}`)
  }
  if (input.Handler !== undefined && !/^\S{1,128}$/.test(input.Handler)) {
    throw violation('handler', input.Handler, 'Member must satisfy regular expression pattern: [^\\s]+')
  }
  if (input.Runtime !== undefined && !runtimes.includes(input.Runtime)) {
    throw refused(
      `The runtime ${input.Runtime} does not run on this engine; use one of ${runtimes.join(', ')}.`,
    )
  }
  const target = input.DeadLetterConfig?.TargetArn
  if (target) requireQueue(target, 'The dead-letter target')
  requireVariables(input.Environment?.Variables ?? {})
}

/** Throws for a destination that is not a standard SQS queue: no other kind is delivered to. */
export function requireQueue(arn: string, what: string): void {
  if (!QUEUE.test(arn))
    throw refused(
      `${what} ${arn} is not the ARN of a standard SQS queue, which is all that this engine sends to.`,
    )
}

function requireVariables(variables: Record<string, string>): void {
  const trouble =
    'Lambda was unable to configure your environment variables because the environment variables you have provided'
  const reserved = Object.keys(variables).filter((key) => RESERVED.has(key))
  if (reserved.length) {
    throw refused(
      `${trouble} contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(', ')}`,
    )
  }
  for (const key of Object.keys(variables)) {
    if (/^[a-zA-Z]\w+$/.test(key)) continue
    throw violation(
      'environment.variables',
      key,
      'Map keys must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+',
    )
  }
  if (JSON.stringify(variables).length > LARGEST_ENVIRONMENT_BYTES)
    throw refused(`${trouble} exceeded the 4KB limit.`)
}

/** What would change how the function runs, and cannot be had here, is refused rather than forgotten. */
function refuseUnsupported(input: SettingsInput): void {
  if (input.PackageType === 'Image')
    throw refused('Functions from container images do not run on this engine.')
  if (input.Layers?.length) throw refused('Layers are not supported by this engine.')
  if (input.LoggingConfig?.LogFormat === 'JSON')
    throw refused('This engine writes logs in the Text format only.')
  if (input.SnapStart?.ApplyOn === 'PublishedVersions')
    throw refused('SnapStart is not supported by this engine.')
}

/** A function's configuration, as GetFunctionConfiguration answers. */
export function configurationOf(fn: FunctionState): FunctionConfiguration {
  const { settings } = fn
  return {
    FunctionName: fn.name,
    FunctionArn: fn.arn,
    Runtime: settings.runtime as Runtime,
    Role: settings.role,
    Handler: settings.handler,
    CodeSize: fn.codeSize,
    Description: settings.description,
    Timeout: settings.timeoutSeconds,
    MemorySize: settings.memoryMb,
    // Lambda writes this time with a numeric offset, unlike all others.
    LastModified: new Date(fn.lastModified).toISOString().replace('Z', '+0000'),
    CodeSha256: fn.codeSha256,
    Version: '$LATEST',
    ...(settings.deadLetterArn ? { DeadLetterConfig: { TargetArn: settings.deadLetterArn } } : {}),
    ...(settings.variables ? { Environment: { Variables: settings.variables } } : {}),
    TracingConfig: { Mode: settings.tracingMode as TracingMode },
    RevisionId: fn.revisionId,
    State: 'Active',
    LastUpdateStatus: 'Successful',
    PackageType: 'Zip',
    Architectures: [settings.architecture as Architecture],
    EphemeralStorage: { Size: settings.ephemeralStorageMb },
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    LoggingConfig: { LogFormat: 'Text', LogGroup: settings.logGroup },
  }
}

/** What the host needs to run a function. */
export function specOf(fn: FunctionState): FunctionSpec {
  return {
    name: fn.name,
    arn: fn.arn,
    roleArn: fn.settings.role,
    environmentId: fn.environmentId,
    runtime: fn.settings.runtime,
    handler: fn.settings.handler,
    timeoutSeconds: fn.settings.timeoutSeconds,
    memoryMb: fn.settings.memoryMb,
    variables: fn.settings.variables ?? {},
    code: fn.code,
    logGroup: fn.settings.logGroup,
  }
}
