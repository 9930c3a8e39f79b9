/** Health checks: made, changed, shown, and what is known of their endpoints. */

import type { HealthCheck, HealthCheckConfig, HealthCheckObservation } from '@aws-sdk/client-route-53'
import * as route53 from '@aws-sdk/client-route-53'
import type { Handlers } from '../wire/handlers.ts'
import { noSuchHealthCheck } from './errors.ts'
import { changedConfig, requireConfig } from './health-check-rules.ts'
import { linkOf, linkView, requireManageable } from './linked-services.ts'
import { bareId } from './names.ts'
import type { HealthCheckRecord, Route53Operation, Route53State } from './state.ts'
import { pageSize } from './zone-lists.ts'

/** API Reference: ListHealthChecks, MaxItems. */
const MOST_ITEMS = 100
/** Developer Guide, quotas: active health checks of an account. */
const MOST_CHECKS = 200

export const healthCheckOperations = {
  CreateHealthCheck({ CallerReference = '', HealthCheckConfig: config }, context) {
    const { state, now } = context
    requireConfig(config, state)
    requireNew(state, CallerReference)
    const id = context.newUuid()
    const check: HealthCheckRecord = {
      id,
      callerReference: CallerReference,
      ...linkOf(context),
      createdAt: now,
      config: { ...config },
      version: 1,
      probeAt: now,
      isUp: true,
      contradictions: 0,
    }
    state.healthChecks[id] = check
    const Location = `https://route53.amazonaws.com/2013-04-01/healthcheck/${id}`
    return { HealthCheck: viewOf(check), Location }
  },

  GetHealthCheck: ({ HealthCheckId }, { state }) => ({ HealthCheck: viewOf(checkOf(state, HealthCheckId)) }),

  UpdateHealthCheck(input, context) {
    const { state, now } = context
    const check = checkOf(state, input.HealthCheckId)
    requireManageable('healthcheck', check, context)
    if (input.HealthCheckVersion !== undefined && input.HealthCheckVersion !== check.version)
      throw new route53.HealthCheckVersionMismatch({
        message: `The health check version ${input.HealthCheckVersion} is not the current version ${check.version}.`,
        $metadata: {},
      })
    const config = changedConfig(check.config, input)
    requireConfig(config, state)
    check.config = config
    check.version++
    check.probeAt = now
    return { HealthCheck: viewOf(check) }
  },

  DeleteHealthCheck({ HealthCheckId }, context) {
    const { state } = context
    const check = checkOf(state, HealthCheckId)
    requireManageable('healthcheck', check, context)
    const { id } = check
    delete state.healthChecks[id]
    delete state.tags[`healthcheck/${id}`]
    return {}
  },

  ListHealthChecks({ Marker, MaxItems }, { state }) {
    const size = pageSize(MaxItems, MOST_ITEMS)
    const all = Object.values(state.healthChecks)
    const start = Marker === undefined ? 0 : all.findIndex(({ id }) => id === Marker)
    if (start < 0) throw noSuchHealthCheck(Marker ?? '')
    const next = all[start + size]
    return {
      HealthChecks: all.slice(start, start + size).map(viewOf),
      Marker: Marker ?? '',
      IsTruncated: next !== undefined,
      ...(next && { NextMarker: next.id }),
      MaxItems: size,
    }
  },

  GetHealthCheckCount: (_, { state }) => ({ HealthCheckCount: Object.keys(state.healthChecks).length }),

  GetHealthCheckStatus({ HealthCheckId }, { state }) {
    const { last } = checkOf(state, HealthCheckId)
    return { HealthCheckObservations: last ? [observation(last.at, last.text)] : [] }
  },

  GetHealthCheckLastFailureReason({ HealthCheckId }, { state }) {
    const { lastFailure } = checkOf(state, HealthCheckId)
    return { HealthCheckObservations: lastFailure ? [observation(lastFailure.at, lastFailure.text)] : [] }
  },
} satisfies Partial<Handlers<typeof route53, Route53Operation>>

function checkOf(state: Route53State, id = ''): HealthCheckRecord {
  const check = state.healthChecks[bareId(id)]
  if (!check) throw noSuchHealthCheck(bareId(id))
  return check
}

/** One observer, on this machine, instead of one in each of eight regions. */
const observation = (at: number, Status: string): HealthCheckObservation => ({
  Region: 'us-east-1',
  IPAddress: '127.0.0.1',
  StatusReport: { Status, CheckedTime: new Date(at) },
})

const viewOf = (check: HealthCheckRecord): HealthCheck => ({
  Id: check.id,
  CallerReference: check.callerReference,
  ...linkView(check),
  HealthCheckConfig: check.config as HealthCheckConfig,
  HealthCheckVersion: check.version,
})

function requireNew(state: Route53State, callerReference: string): void {
  const checks = Object.values(state.healthChecks)
  const own = checks.filter(({ linkedService }) => !linkedService)
  if (checks.some((check) => check.callerReference === callerReference))
    throw new route53.HealthCheckAlreadyExists({
      message: 'A health check has already been created with the specified caller reference.',
      $metadata: {},
    })
  if (own.length >= MOST_CHECKS)
    throw new route53.TooManyHealthChecks({
      message: `This health check cannot be created because the limit of ${MOST_CHECKS} health checks is reached.`,
      $metadata: {},
    })
}
