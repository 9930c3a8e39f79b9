/** Watches what completed for its bake time, and counts it as good when it stayed healthy throughout. */
import type { DeliveryDecision } from './decision.ts'
import { formatDuration } from './duration.ts'
import { describeImage } from './facts.ts'
import type { ObservedHealth } from './health.ts'
import { keyOf } from './service-key.ts'
import { crashesOf } from './verdict.ts'
import type { DeliveryView, GoodState, KnownState, ObservedService } from './view.ts'

type Decided<K extends DeliveryDecision['kind']> = Extract<DeliveryDecision, { kind: K }>
type Seen = DeliveryView & { readonly health: ObservedHealth }

/**
 * Whether ECS is done with the primary deployment. Behind a Classic Load Balancer it gives no rolloutState; then it is
 * done when the others have drained.
 */
export function isCompleted({ deployments, primary }: ObservedService): boolean {
  return primary.rolloutState === undefined ? deployments.length === 1 : primary.rolloutState === 'COMPLETED'
}

/** The known state, where it is the primary deployment and nothing of Capstan's is under way. */
export function settledState({ record, service }: DeliveryView): KnownState | undefined {
  const known = record?.known
  if (known === undefined || record?.inFlight !== undefined) return undefined
  const { id, taskDefinitionArn } = service.primary
  const isPrimary = known.primaryId === id && known.taskDefinitionArn === taskDefinitionArn
  return isPrimary && known.serviceCreatedAt === service.createdAt ? known : undefined
}

/** Whether the present deployment is watched and was not verified yet. */
export function isBaking(view: DeliveryView): boolean {
  const bake = view.record?.bake
  return bake?.primaryId === view.service.primary.id && bake.verifiedAt === undefined
}

/** Begins to watch a completed deployment, once. */
export function beginBake(view: DeliveryView, now: number): Decided<'bake'> | undefined {
  const { record, service, settings } = view
  const known = settledState(view)
  if (known === undefined || !isCompleted(service) || Object.keys(known.images).length === 0) return undefined
  if (record?.bake?.primaryId === service.primary.id) return undefined
  return {
    kind: 'bake',
    reason: 'completed',
    service: keyOf(service),
    bake: { primaryId: service.primary.id, since: now },
    facts: {
      primary: service.primary.id,
      images: imagesText(known),
      bake: formatDuration(settings.guard.bakeMs),
    },
  }
}

/**
 * Counts what runs as good, if it was watched for its bake time and nothing was wrong in all of it: neither an alarm in
 * ALARM nor a crash. `view` is one that was judged healthy.
 */
export function verifyBaked(view: Seen, now: number): Decided<'verify'> | undefined {
  const { service, settings } = view
  const known = settledState(view)
  if (known === undefined || !isCompleted(service) || !isBaking(view) || !isWhole(view, known))
    return undefined
  const { bakeMs } = settings.guard
  if (now - quietSince(view) < bakeMs) return undefined
  const evidence = evidenceOf(view)
  const good: GoodState = {
    taskDefinitionArn: service.primary.taskDefinitionArn,
    images: known.images,
    serviceCreatedAt: service.createdAt,
    verifiedAt: now,
    ...(service.registeredBy !== undefined && { deployment: service.registeredBy }),
    evidence,
    ...byTag(service, known),
  }
  return {
    kind: 'verify',
    reason: 'baked',
    service: keyOf(service),
    primaryId: service.primary.id,
    good,
    facts: { primary: service.primary.id, images: imagesText(known), evidence: evidence.join('; ') },
  }
}

function byTag({ containers }: ObservedService, { images }: KnownState): Pick<GoodState, 'byTag'> {
  const tags = containers.flatMap(({ image, name }) => {
    return images[name] === undefined || image.digest !== undefined ? [] : [[name, image.tag ?? 'latest']]
  })
  return tags.length === 0 ? {} : { byTag: Object.fromEntries(tags) }
}

/** Whether all that it is to run runs and is known: a service without tasks has not shown that it can work. */
function isWhole({ health, service, settings }: Seen, known: KnownState): boolean {
  const names = service.containers.map(({ name }) => name)
  const isKnown = settings.tracks.every(
    ({ container }) => !names.includes(container) || known.images[container] !== undefined,
  )
  const isServed = health.targets.every(({ unhealthy, initial }) => unhealthy + initial === 0)
  const isRunning = health.running > 0 && health.running >= service.desiredCount
  return isKnown && isServed && isRunning && Object.keys(known.images).length > 0
}

/**
 * Since when nothing was wrong, also where nobody looked meanwhile: an alarm that went to OK was in ALARM before, as far
 * as can be known.
 */
function quietSince(view: Seen): number {
  const recoveries = view.health.alarms
    .filter(({ state }) => state === 'OK')
    .map(({ transitionedAt }) => transitionedAt)
  return Math.max(view.record?.bake?.since ?? 0, ...recoveries, ...crashesOf(view))
}

function evidenceOf({ health, service, settings }: Seen): string[] {
  const bake = formatDuration(settings.guard.bakeMs)
  const names = health.alarms.map(({ name }) => name).sort()
  const alarms =
    names.length === 0 ? 'no alarm is tied to it' : `its alarms (${names.join(', ')}) were quiet for ${bake}`
  const targets = health.targets.map(({ targetGroup, healthy }) => {
    return `${healthy} targets of ${targetGroup} are healthy`
  })
  return [
    alarms,
    ...targets,
    `${health.running} of ${service.desiredCount} tasks run, and none crashed for ${bake}`,
  ]
}

function imagesText({ images }: KnownState): string {
  const all = Object.values(images).map((image) => `${image.repository} ${describeImage(image)}`)
  return all.length === 0 ? 'what runs' : all.join(' and ')
}
