/** Service deployments and revisions as clients list, see and stop them. */
import * as client from '@aws-sdk/client-ecs'
import type { Handlers } from '../wire/handlers.ts'
import type { ServiceDeploymentRecord } from './deployment-state.ts'
import { requireOneOf } from './enums.ts'
import { conflict, invalidParameter, serviceDeploymentNotFound } from './errors.ts'
import { moveHook } from './hooks.ts'
import { parseHistoryArn } from './names.ts'
import { openServiceDeployment } from './open-deployment.ts'
import { requestedPage } from './page.ts'
import {
  serviceDeploymentBrief,
  serviceDeploymentView,
  serviceRevisionView,
} from './service-deployment-view.ts'
import { requestStop } from './service-deployments.ts'
import { findService } from './services.ts'
import type { EcsOperationContext, EcsState, ServiceRecord } from './state.ts'
import { lookAtService } from './task-changes.ts'

const MOST_DESCRIBED = 20
const USUAL_LIST_SIZE = 20

export const serviceDeploymentOperations = {
  ListServiceDeployments(input, { state }) {
    for (const status of input.status ?? []) requireOneOf('status', status, client.ServiceDeploymentStatus)
    if (!input.service) throw invalidParameter('Service cannot be empty.')
    const service = findService(state, input.service, input.cluster)
    const { before, after } = input.createdAt ?? {}
    const wanted = service.serviceDeployments.filter(
      ({ status, createdAt }) =>
        (!input.status?.length || input.status.includes(status)) &&
        (!before || createdAt <= before.getTime()) &&
        (!after || createdAt >= after.getTime()),
    )
    const form = { usualSize: USUAL_LIST_SIZE, isDescending: true }
    const { items, nextToken } = requestedPage(wanted, keyOf, input, form)
    return { serviceDeployments: items.map((record) => serviceDeploymentBrief(service, record)), nextToken }
  },
  DescribeServiceDeployments(input, { state }) {
    const found = describe('service-deployment', input.serviceDeploymentArns, (arn) => {
      const { service, record } = findServiceDeployment(state, arn)
      return service && record && serviceDeploymentView(state, service, record)
    })
    return { serviceDeployments: found.items, failures: found.failures }
  },
  DescribeServiceRevisions(input, { state }) {
    const found = describe('service-revision', input.serviceRevisionArns, (arn) => {
      const { serviceArn, id } = parseHistoryArn('service-revision', arn)
      const service = state.services[serviceArn]
      const revision = service?.revisions[id]
      return service && revision && serviceRevisionView(state, service, revision)
    })
    return { serviceRevisions: found.items, failures: found.failures }
  },
  /** Stopping what is stopping already changes nothing (Developer Guide: stopping service deployments). */
  StopServiceDeployment({ serviceDeploymentArn, stopType = 'ROLLBACK' }, context) {
    requireOneOf('stopType', stopType, client.StopServiceDeploymentStopType)
    const { service, record } = findServiceDeployment(context.state, serviceDeploymentArn)
    if (!service || !record) throw serviceDeploymentNotFound()
    if (openServiceDeployment(service) !== record)
      throw conflict(`The service deployment has ended already: its status is ${record.status}.`)
    requestStop(record, stopType, context.now)
    lookAtService(service, context.now)
    return { serviceDeploymentArn }
  },
  /** Ends the wait of a pause hook (API Reference: ContinueServiceDeployment). */
  ContinueServiceDeployment({ serviceDeploymentArn, hookId, action = 'CONTINUE' }, context) {
    requireOneOf('action', action, client.DeploymentLifecycleHookAction)
    const { service, record } = findServiceDeployment(context.state, serviceDeploymentArn)
    if (!service || !record) throw serviceDeploymentNotFound()
    const hook = record.shift?.hooks?.find(({ id }) => id === hookId)
    if (!hook) throw invalidParameter('The lifecycle hook was not found.')
    if (hook.status !== 'AWAITING_ACTION' || openServiceDeployment(service) !== record)
      throw invalidParameter('The lifecycle hook is not awaiting an action.')
    if (action === 'ROLLBACK') hook.reason = 'ContinueServiceDeployment was called with ROLLBACK.'
    moveHook(context, service, record, hook, action === 'CONTINUE' ? 'SUCCEEDED' : 'FAILED')
    return { serviceDeploymentArn }
  },
} satisfies Partial<Handlers<typeof client, EcsOperationContext>>

/** Numbers in the order of texts. */
const keyOf = ({ serial }: ServiceDeploymentRecord) => String(serial).padStart(12, '0')

/** The service and the record of an ARN; absent where there is none. Throws InvalidParameterException for no such ARN. */
function findServiceDeployment(
  state: EcsState,
  arn = '',
): { service?: ServiceRecord | undefined; record?: ServiceDeploymentRecord | undefined } {
  const { serviceArn, id } = parseHistoryArn('service-deployment', arn)
  const service = state.services[serviceArn]
  return { service, record: service?.serviceDeployments.find((record) => record.id === id) }
}

/** What is found of the ARNs asked for, and which are MISSING. */
function describe<T>(what: string, arns: readonly string[] = [], find: (arn: string) => T | undefined) {
  if (!arns.length) throw invalidParameter(`The list of ${what} ARNs cannot be empty.`)
  if (arns.length > MOST_DESCRIBED)
    throw invalidParameter(`At most ${MOST_DESCRIBED} ${what} ARNs can be described.`)
  const found = arns.map((arn) => ({ arn, item: find(arn) }))
  return {
    items: found.flatMap(({ item }) => item ?? []),
    failures: found.flatMap(({ arn, item }) => (item ? [] : { arn, reason: 'MISSING' })),
  }
}
