/** How many invocations may run at once, in the account and for one function. */
import type * as client from '@aws-sdk/client-lambda'
import type { Handlers } from '../wire/handlers.ts'
import { requireRange } from '../wire/violation.ts'
import { refused } from './errors.ts'
import { findFunction } from './names.ts'
import type { FunctionState, LambdaOperationContext, LambdaState } from './state.ts'

/** Lambda quotas: concurrent executions of an account in a region, and those that cannot be reserved. */
const ACCOUNT_CONCURRENCY = 1000
const LEAST_UNRESERVED = 100

export const concurrencyOperations = {
  PutFunctionConcurrency({ FunctionName, ReservedConcurrentExecutions: wanted = 0 }, context) {
    const fn = findFunction(FunctionName, undefined, context)
    requireRange('reservedConcurrentExecutions', wanted, 0, Number.MAX_SAFE_INTEGER)
    const others = reservedBy(context.state) - (fn.reservedConcurrency ?? 0)
    if (ACCOUNT_CONCURRENCY - others - wanted < LEAST_UNRESERVED) {
      throw refused(
        `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${LEAST_UNRESERVED}].`,
      )
    }
    fn.reservedConcurrency = wanted
    return { ReservedConcurrentExecutions: wanted }
  },

  GetFunctionConcurrency({ FunctionName }, context) {
    const { reservedConcurrency } = findFunction(FunctionName, undefined, context)
    return reservedConcurrency === undefined ? {} : { ReservedConcurrentExecutions: reservedConcurrency }
  },

  DeleteFunctionConcurrency({ FunctionName }, context) {
    delete findFunction(FunctionName, undefined, context).reservedConcurrency
  },
} satisfies Partial<Handlers<typeof client, LambdaOperationContext>>

/** Whether one more invocation of the function may run now. */
export function hasRoom(fn: FunctionState, state: LambdaState): boolean {
  const running = Object.values(state.running)
  const own = running.filter((one) => one.functionName === fn.name).length
  if (fn.reservedConcurrency !== undefined) return own < fn.reservedConcurrency
  const unreserved = running.filter(
    (one) => state.functions[one.functionName]?.reservedConcurrency === undefined,
  )
  return unreserved.length < ACCOUNT_CONCURRENCY - reservedBy(state)
}

function reservedBy(state: LambdaState): number {
  return Object.values(state.functions).reduce((sum, fn) => sum + (fn.reservedConcurrency ?? 0), 0)
}
