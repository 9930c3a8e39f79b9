/** The registrar of Cloud Map: instances of its services, each registered and deregistered by a call of its own. */

import type { RecordWrite } from '@capstan/core/discovery/decision.ts'
import type { ActualRecord, DiscoveryRecord, Target } from '@capstan/core/discovery/view.ts'
import { Failure, messageOf } from '@capstan/core/failure.ts'
import { insteadIfGone } from '../observe/none-if-gone.ts'
import { settleEach, valuesOrFirstError } from '../parallel.ts'
import type { CloudMapApi } from './clients.ts'
import { allPages, type KnownNamespace, namespacesOf, placeAmong } from './discovery-services.ts'
import { findIn, keptAnswers } from './kept-answers.ts'
import { isUnavailable, type Pace, patiently, sdkName } from './patience.ts'
import type { NameWrites, Registrar, WriteOutcome } from './registrar.ts'

/** How long a reading waits for its turns where Cloud Map throttles. */
const PATIENCE_MS = 20_000

/** A registrar of the services that `cloudMap`, a client of `createDiscoveryClients`, may write. */
export function cloudMapRegistrar(cloudMap: CloudMapApi, pace: Pace): Registrar {
  const namespaces = keptAnswers((name) => namespacesOf(name, cloudMap, pace), pace.now)
  return {
    async find(target, _, since) {
      const wanted = cloudMapTarget(target)
      const placeIn = (known: readonly KnownNamespace[]) => placeAmong(wanted, known)
      return findIn((asOf) => namespaces.get(wanted.namespace, asOf), placeIn, pace.now, since)
    },
    async read(place, targets) {
      if (place.kind !== 'cloud-map') return targets.map(() => [])
      const deadline = pace.now() + PATIENCE_MS
      const instances = await insteadIfGone(
        readInstances({ cloudMap, serviceId: place.id, deadline, pace }),
        [],
      )
      return targets.map(() => instances)
    },
    async write(place, names, deadline) {
      if (place.kind !== 'cloud-map') throw new TypeError(`Instances are not written to a ${place.kind}`)
      const outcomes = await writeInstances(names, { cloudMap, serviceId: place.id, deadline, pace })
      if (outcomes.some(({ kind }) => kind === 'place-gone')) namespaces.forget()
      return outcomes
    },
  }
}

function cloudMapTarget(target: Target) {
  if (target.kind !== 'cloud-map') throw new TypeError('DNS names are not kept in Cloud Map')
  return target
}

interface Work {
  readonly cloudMap: CloudMapApi
  readonly serviceId: string
  readonly deadline: number
  readonly pace: Pace
}

async function readInstances({ cloudMap, serviceId, deadline, pace }: Work): Promise<ActualRecord[]> {
  const instances = await allPages(async (NextToken) => {
    const page = await patiently(
      () => cloudMap.call('ListInstances', { ServiceId: serviceId, NextToken }),
      deadline,
      pace,
    )
    return { items: page.Instances, next: page.NextToken }
  })
  return instances.map(({ Id = '', Attributes = {} }) => ({
    name: Id,
    type: 'INSTANCE',
    values: Object.entries(Attributes)
      .map(([key, value]) => `${key}=${value}`)
      .sort(),
    isPlain: true,
  }))
}

/** One write, and whose it is. */
interface Step {
  readonly index: number
  readonly write: RecordWrite
}

/** Why a write was not taken; `full`: the service has as many instances as it may. */
interface Trouble {
  readonly step: Step
  readonly kind: 'refused' | 'place-gone' | 'full'
  readonly reason: string
}

/**
 * Additions, then deletions, and then what found no room before the deletions. Operations are asynchronous: what Cloud
 * Map has accepted counts as written, nobody waits for it here, and the sweep sees what came to nothing.
 */
async function writeInstances(names: readonly NameWrites[], work: Work): Promise<WriteOutcome[]> {
  const steps = names.flatMap(({ writes }, index) => writes.map((write) => ({ index, write })))
  const { deletions = [], additions = [] } = Object.groupBy(steps, ({ write }) =>
    write.action === 'delete' ? 'deletions' : 'additions',
  )
  const early = await doEach(additions, work)
  const late = await doEach(deletions, work)
  const waiting = deletions.length ? early.filter(({ kind }) => kind === 'full') : []
  const again = waiting.map(({ step }) => step)
  const last = await doEach(again, work, true)
  const left = [...early.filter((trouble) => !waiting.includes(trouble)), ...late, ...last]
  const gone = left.find(({ kind }) => kind === 'place-gone')
  if (gone) return names.map(() => ({ kind: 'place-gone', reason: gone.reason }))
  return names.map((_, index) => outcomeOf(left.find(({ step }) => step.index === index)))
}

function outcomeOf(trouble: Trouble | undefined): WriteOutcome {
  return trouble ? { kind: 'refused', reason: trouble.reason } : { kind: 'written' }
}

/** Some at a time. Throws the first `Failure` UNAVAILABLE once all have ended. */
async function doEach(steps: readonly Step[], work: Work, waitsForRoom = false): Promise<Trouble[]> {
  const results = await settleEach(steps, (step) => doOne(step, work, waitsForRoom))
  return valuesOrFirstError(results).flat()
}

async function doOne(step: Step, work: Work, waitsForRoom: boolean): Promise<Trouble[]> {
  const { deadline, pace } = work
  // An instance of which an operation is under way, and a service that gets room, are worth another try.
  const isBusy = (name: string) =>
    name === 'ResourceInUse' || (waitsForRoom && name === 'ResourceLimitExceeded')
  const call = async () => {
    try {
      await send(step.write, work)
    } catch (error) {
      if (isBusy(sdkName(error)))
        throw new Failure('UNAVAILABLE', messageOf(error), { cause: causeOf(error) })
      throw error
    }
  }
  try {
    await patiently(call, deadline, pace)
    return []
  } catch (error) {
    return troubleOf(error, step)
  }
}

/** Registering is an upsert, whatever is there: Cloud Map has nothing that fails where an instance exists. */
function send({ action, record }: RecordWrite, { cloudMap, serviceId }: Work): Promise<unknown> {
  const instance = { ServiceId: serviceId, InstanceId: record.name }
  return action === 'delete'
    ? cloudMap.call('DeregisterInstance', instance)
    : cloudMap.call('RegisterInstance', { ...instance, Attributes: attributesOf(record) })
}

const attributesOf = ({ values }: DiscoveryRecord) =>
  Object.fromEntries(
    values.map((value) => [value.slice(0, value.indexOf('=')), value.slice(value.indexOf('=') + 1)]),
  )

/** API Reference, RegisterInstance and DeregisterInstance: errors. Throws what is not about this instance. */
function troubleOf(error: unknown, step: Step): Trouble[] {
  const reason = messageOf(causeOf(error))
  switch (sdkName(error)) {
    case 'DuplicateRequest': // the same is under way already
    case 'InstanceNotFound': // only a deregistration can meet it, and wants it so
      return []
    case 'ServiceNotFound':
      return [{ step, kind: 'place-gone', reason }]
    case 'ResourceLimitExceeded':
      return [{ step, kind: 'full', reason }]
  }
  if (isUnavailable(error) || !(error instanceof Failure)) throw error
  return [{ step, kind: 'refused', reason }]
}

const causeOf = (error: unknown) => (error instanceof Failure ? error.cause : error)
