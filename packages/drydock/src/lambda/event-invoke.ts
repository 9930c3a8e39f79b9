/** How asynchronous invocations of a function are tried again, and where their records go. */
import type * as client from '@aws-sdk/client-lambda'
import type { Handlers } from '../wire/handlers.ts'
import { requireRange } from '../wire/violation.ts'
import { notFound } from './errors.ts'
import { findFunction } from './names.ts'
import { requireQueue } from './settings.ts'
import type { EventInvokeConfig, FunctionState, LambdaOperationContext } from './state.ts'

type Input = Pick<
  client.PutFunctionEventInvokeConfigRequest,
  'MaximumRetryAttempts' | 'MaximumEventAgeInSeconds' | 'DestinationConfig'
>

export const eventInvokeOperations = {
  PutFunctionEventInvokeConfig(input, context) {
    const fn = findFunction(input.FunctionName, input.Qualifier, context)
    fn.eventInvoke = readConfig(input, { lastModified: context.now })
    return viewOf(fn, fn.eventInvoke)
  },

  UpdateFunctionEventInvokeConfig(input, context) {
    const fn = findFunction(input.FunctionName, input.Qualifier, context)
    fn.eventInvoke = readConfig(input, { ...configOf(fn), lastModified: context.now })
    return viewOf(fn, fn.eventInvoke)
  },

  GetFunctionEventInvokeConfig({ FunctionName, Qualifier }, context) {
    const fn = findFunction(FunctionName, Qualifier, context)
    return viewOf(fn, configOf(fn))
  },

  DeleteFunctionEventInvokeConfig({ FunctionName, Qualifier }, context) {
    const fn = findFunction(FunctionName, Qualifier, context)
    configOf(fn)
    delete fn.eventInvoke
  },

  /** A function has one configuration at most here, so there is never a second page. */
  ListFunctionEventInvokeConfigs({ FunctionName }, context) {
    const fn = findFunction(FunctionName, undefined, context)
    return { FunctionEventInvokeConfigs: fn.eventInvoke ? [viewOf(fn, fn.eventInvoke)] : [] }
  },
} satisfies Partial<Handlers<typeof client, LambdaOperationContext>>

function configOf(fn: FunctionState): EventInvokeConfig {
  if (fn.eventInvoke) return fn.eventInvoke
  throw notFound(`The function ${fn.arn}:$LATEST doesn't have an EventInvokeConfig`)
}

/** What a request leaves out stays as in `old`; an empty destination takes one away. */
function readConfig(input: Input, old: EventInvokeConfig): EventInvokeConfig {
  requireRange('maximumRetryAttempts', input.MaximumRetryAttempts, 0, 2)
  requireRange('maximumEventAgeInSeconds', input.MaximumEventAgeInSeconds, 60, 21_600)
  const retryAttempts = input.MaximumRetryAttempts ?? old.retryAttempts
  const eventAgeSeconds = input.MaximumEventAgeInSeconds ?? old.eventAgeSeconds
  const onSuccess = input.DestinationConfig?.OnSuccess?.Destination ?? old.onSuccess
  const onFailure = input.DestinationConfig?.OnFailure?.Destination ?? old.onFailure
  if (onSuccess) requireQueue(onSuccess, 'The destination')
  if (onFailure) requireQueue(onFailure, 'The destination')
  return {
    ...(retryAttempts === undefined ? {} : { retryAttempts }),
    ...(eventAgeSeconds === undefined ? {} : { eventAgeSeconds }),
    ...(onSuccess ? { onSuccess } : {}),
    ...(onFailure ? { onFailure } : {}),
    lastModified: old.lastModified,
  }
}

function viewOf(fn: FunctionState, config: EventInvokeConfig): client.FunctionEventInvokeConfig {
  return {
    FunctionArn: `${fn.arn}:$LATEST`,
    LastModified: new Date(config.lastModified),
    ...(config.retryAttempts === undefined ? {} : { MaximumRetryAttempts: config.retryAttempts }),
    ...(config.eventAgeSeconds === undefined ? {} : { MaximumEventAgeInSeconds: config.eventAgeSeconds }),
    DestinationConfig: {
      OnSuccess: config.onSuccess ? { Destination: config.onSuccess } : {},
      OnFailure: config.onFailure ? { Destination: config.onFailure } : {},
    },
  }
}
