/** Calls the functions of lifecycle hooks, and reads what they answer (Developer Guide: Lambda hooks). */
import { parseArn } from '../arn.ts'
import type { HookAnswer, ShiftEffect } from '../ecs/effects.ts'
import type { Engine } from '../engine.ts'
import { parseJson } from '../json.ts'
import type { Performers } from './effects.ts'
import { answerOf } from './queues.ts'

type HookEffect = Extract<ShiftEffect, { kind: 'call-hook' }>

/** The performer of lifecycle hooks. */
export const hookPerformers: Performers<HookEffect> = {
  async 'call-hook'({ serviceArn, serviceDeploymentId, hookId, functionArn, payload }, scope, engine) {
    const answer = await call(functionArn, payload, engine)
    engine.report('ecs', scope, { kind: 'hook-called', serviceArn, serviceDeploymentId, hookId, answer })
  },
}

interface InvokeAnswer {
  readonly Payload?: Uint8Array
  readonly FunctionError?: string
}

async function call(functionArn: string, payload: object, engine: Engine): Promise<HookAnswer> {
  const scope = parseArn(functionArn)
  if (!scope) return { problem: `ECS was unable to invoke hook target ${functionArn} due to an invalid ARN` }
  try {
    const Payload = Buffer.from(JSON.stringify(payload))
    const input = { FunctionName: functionArn, Payload }
    const answer = (await engine.call('lambda', scope, 'Invoke', input)) as InvokeAnswer
    return read(functionArn, answer)
  } catch (error) {
    const known = answerOf(error)
    if (!known) throw error
    return { problem: `ECS was unable to invoke hook target ${functionArn} due to ${known.message}` }
  }
}

const STATUSES = ['SUCCEEDED', 'FAILED', 'IN_PROGRESS'] as const

/** Function errors have no status either: AWS says the same of both. */
function read(functionArn: string, { Payload, FunctionError }: InvokeAnswer): HookAnswer {
  const text = Buffer.from(Payload ?? []).toString()
  const given: unknown = FunctionError === undefined ? parseJson(text) : undefined
  const { hookStatus, callBackDelay, hookDetails } = fieldsOf(given)
  const status = STATUSES.find((each) => each === hookStatus)
  if (!status) {
    const why =
      hookStatus === undefined ? 'HookStatus must not be null' : `unknown HookStatus ${String(hookStatus)}`
    return { problem: `ECS was unable to parse the response from ${functionArn} due to ${why}` }
  }
  const delay = Number(callBackDelay)
  return {
    hookStatus: status,
    ...(Number.isFinite(delay) && delay >= 0 && { callBackDelay: delay }),
    ...(typeof hookDetails === 'object' && hookDetails !== null && { hookDetails }),
  }
}

const fieldsOf = (
  given: unknown,
): { hookStatus?: unknown; callBackDelay?: unknown; hookDetails?: unknown } =>
  typeof given === 'object' && given !== null ? given : {}
