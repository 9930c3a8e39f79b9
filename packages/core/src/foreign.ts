/** Recognises that someone else changed the service, and respects it. */
import { chooseImages, type Outcome } from './choose.ts'
import { isCreatedAnew, runningImages } from './current.ts'
import type { AdoptReason, DeliveryDecision } from './decision.ts'
import { describeImage } from './facts.ts'
import { keyOf } from './service-key.ts'
import type { DeliveryView, Hold, KnownState } from './view.ts'

type ForeignDecision =
  | Extract<DeliveryDecision, { kind: 'adopt' | 'wait' }>
  | Extract<DeliveryDecision, { kind: 'hold'; reason: 'foreign-change' }>

/**
 * What the present state of the service calls for, if it is not the known one and nothing of ours is in flight.
 *
 * | present state                                   | decision               |
 * | ----------------------------------------------- | ---------------------- |
 * | no state known                                  | adopt first-seen       |
 * | known is the state of a deleted service         | adopt created-anew     |
 * | the known deployment                            | –                      |
 * | another, away from quarantined images only      | adopt rolled-back      |
 * | another, IN_PROGRESS                            | wait                   |
 * | another, tracked images as known                | adopt same-images      |
 * | another, images changed to what policies choose | adopt chosen-images    |
 * | another, images changed to anything else        | hold                   |
 *
 * The first deployment of a service is not waited for: it may be unable to complete until its image is first pushed.
 */
export function recogniseChange(view: DeliveryView): ForeignDecision | undefined {
  const { service, record } = view
  const known = record?.known
  if (record?.inFlight !== undefined) return undefined
  if (known === undefined) return adopt(view, 'first-seen', undefined)
  if (isCreatedAnew(view)) return adopt(view, 'created-anew', undefined)
  const { id, taskDefinitionArn, rolloutState } = service.primary
  if (id === known.primaryId && taskDefinitionArn === known.taskDefinitionArn) return undefined
  const changed = chooseImages(view).filter((outcome) => hasChanged(outcome, known))
  if (changed.length > 0 && changed.every(({ track }) => hadFailed(view, known, track.container))) {
    return adopt(view, 'rolled-back', record?.hold)
  }
  if (rolloutState === 'IN_PROGRESS' && view.request === undefined && view.rollbackRequest === undefined) {
    const facts = { primary: id, taskDefinition: taskDefinitionArn }
    return { kind: 'wait', reason: 'foreign-deployment-in-progress', service: keyOf(view.service), facts }
  }
  return judgeChange(view, changed)
}

function judgeChange(view: DeliveryView, changed: readonly Outcome[]): ForeignDecision {
  if (changed.length === 0) return adopt(view, 'same-images', view.record?.hold)
  const unwanted = changed.filter(
    ({ running, chosen }) => running.digest === undefined || chosen?.digest !== running.digest,
  )
  const wanted = changed.filter((outcome) => !unwanted.includes(outcome)).map(({ track }) => track.container)
  const left = releaseHold(view.record?.hold, wanted)
  return unwanted.length === 0 ? adopt(view, 'chosen-images', left) : holdChange(view, unwanted, left)
}

function hadFailed(view: DeliveryView, known: KnownState, container: string): boolean {
  return view.record?.quarantine[known.images[container]?.digest ?? ''] !== undefined
}

// A container whose image was never known cannot be told to have changed.
function hasChanged({ track, running, result }: Outcome, known: KnownState): boolean {
  const before = known.images[track.container]
  return result !== 'paused' && before !== undefined && before.digest !== running.digest
}

function holdChange(
  view: DeliveryView,
  unwanted: readonly Outcome[],
  left: Hold | undefined,
): ForeignDecision {
  const { primary } = view.service
  const held = unwanted.map(({ track, running }) => [
    track.container,
    running.digest ?? running.container.image.text,
  ])
  const hold: Hold = {
    reason: 'foreign-change',
    since: primary.createdAt,
    images: { ...left?.images, ...Object.fromEntries(held) },
    note: `${primary.taskDefinitionArn} was deployed by someone else`,
  }
  const images = unwanted.map(({ track, running }) => {
    const image = running.digest === undefined ? running.container.image.text : describeImage(running)
    return `${image} in container ${track.container}`
  })
  const facts = {
    primary: primary.id,
    taskDefinition: primary.taskDefinitionArn,
    images: images.join(' and '),
  }
  return {
    kind: 'hold',
    reason: 'foreign-change',
    service: keyOf(view.service),
    hold,
    known: stateOf(view),
    facts,
  }
}

/** Takes the present state as known, with the hold that is left. */
export function adopt(view: DeliveryView, reason: AdoptReason, hold: Hold | undefined): ForeignDecision {
  const { primary } = view.service
  return {
    kind: 'adopt',
    reason,
    service: keyOf(view.service),
    known: stateOf(view),
    ...(hold !== undefined && { hold }),
    facts: { primary: primary.id, taskDefinition: primary.taskDefinitionArn },
  }
}

/** The hold without these containers; nothing once none is left. */
export function releaseHold(hold: Hold | undefined, containers: readonly string[]): Hold | undefined {
  if (hold === undefined) return undefined
  const left = Object.entries(hold.images).filter(([container]) => !containers.includes(container))
  return left.length === 0 ? undefined : { ...hold, images: Object.fromEntries(left) }
}

function stateOf(view: DeliveryView): KnownState {
  const { createdAt: serviceCreatedAt, primary } = view.service
  const { id: primaryId, taskDefinitionArn } = primary
  return { serviceCreatedAt, primaryId, taskDefinitionArn, images: runningImages(view) }
}
