/** Where a service can be rolled back to, and the decision to do it. */
import { runningImages } from './current.ts'
import type { DeliveryDecision, ImageChange, RollBackReason } from './decision.ts'
import { describeImage } from './facts.ts'
import { Failure } from './failure.ts'
import { namesDigest } from './image.ts'
import { keyOf, nameOf } from './service-key.ts'
import type { DeliveryView, DeployedImage, GoodState, Rollback, RollbackRequest, Usable } from './view.ts'

type RollBack = Extract<DeliveryDecision, { kind: 'roll-back' }>

/** What a rollback is for. */
export interface Occasion {
  readonly reason: RollBackReason
  readonly cause: string
  /** Sentences, without their full stops. */
  readonly evidence: readonly string[]
  readonly facts: Readonly<Record<string, string>>
  readonly breakGlass?: string
}

/** `unchecked`: the next one that could be gone back to has not been looked at. */
export type Target = GoodState | 'unchecked' | undefined

/** Whether what runs is what was last gone back to; that is not gone back from. */
export function isGoneBack({ record, service }: DeliveryView): boolean {
  const back = record?.rolledBack
  if (back === undefined) return false
  return back.primaryId === service.primary.id || back.taskDefinitionArn === service.primary.taskDefinitionArn
}

/**
 * The states that the service could be gone back to, newest first: verified in this very service, of other images than
 * those that run, none of them quarantined. The task definition that runs is not among them: images that it names by
 * tag would be resolved to what runs again.
 */
export function goodStates(view: DeliveryView): readonly GoodState[] {
  const { record, service } = view
  const running = runningImages(view)
  return (record?.good ?? []).filter(({ images, serviceCreatedAt, taskDefinitionArn }) => {
    if (serviceCreatedAt !== service.createdAt) return false
    if (taskDefinitionArn === service.primary.taskDefinitionArn) return false
    if (Object.values(images).some(({ digest }) => record?.quarantine[digest] !== undefined)) return false
    return Object.entries(images).some(([name, { digest }]) => running[name]?.digest !== digest)
  })
}

/** The newest of `states` that can be run. */
export function firstUsable(view: DeliveryView, states: readonly GoodState[]): Target {
  for (const state of states) {
    const isUsable = canRun(view, state)
    if (isUsable === undefined) return 'unchecked'
    if (isUsable) return state
  }
  return undefined
}

/**
 * Whether the good state can be run: its images are there, and its task definition is, or can be registered anew;
 * `undefined` where nobody looked.
 */
export function canRun(view: DeliveryView, good: GoodState): boolean | undefined {
  const usable = view.usable?.[good.taskDefinitionArn]
  if (usable === undefined) return undefined
  return usable.missingImages.length === 0 && (usable.hasSnapshot || !isRegisteredAnew(view, good))
}

/**
 * Whether the good state's task definition must be registered anew: ECS starts nothing of an inactive one, and something
 * else of one whose tag has moved. `definition` is the state that ECS tells, as far as the view has it unless told.
 */
export function isRegisteredAnew(
  view: DeliveryView,
  good: GoodState,
  definition: Usable['definition'] | undefined = view.usable?.[good.taskDefinitionArn]?.definition,
): boolean {
  if (definition !== 'active') return true
  return Object.entries(good.byTag ?? {}).some(([container, tag]) => {
    const { digest, repository = '' } = good.images[container] ?? {}
    const stored = view.repositories[repository]?.find((image) => image.digest === digest)
    return !stored?.tags.includes(tag)
  })
}

/** Goes back to `good`, holds it, and sets aside what runs and is not of it. */
export function rollBackTo(view: DeliveryView, good: GoodState, occasion: Occasion, now: number): RollBack {
  const { record, service } = view
  const { inFlight } = record ?? {}
  const { breakGlass, cause, evidence, reason } = occasion
  const { images, taskDefinitionArn } = good
  const why = evidence.join('; ')
  const of = inFlight?.id ?? service.registeredBy ?? service.primary.id
  return {
    kind: 'roll-back',
    reason,
    service: keyOf(service),
    rollback: { of, cause, how: howTo(view, good), taskDefinitionArn },
    images,
    changes: changesTo(view, images),
    register: isRegisteredAnew(view, good),
    ...stopped(view, good),
    basePrimaryId: service.primary.id,
    ...(inFlight !== undefined && { supersedes: inFlight.id }),
    quarantine: blamed(view, images, `rolled back: ${why}`),
    hold: {
      reason: 'rolled-back',
      since: now,
      images: Object.fromEntries(Object.entries(images).map(([name, { digest }]) => [name, digest])),
      note: `rolled back: ${why}`,
    },
    evidence,
    ...(breakGlass !== undefined && { breakGlass }),
    facts: {
      deployment: of,
      cause,
      evidence: why,
      running: imagesText(runningImages(view)),
      good: imagesText(images),
      taskDefinition: taskDefinitionArn,
      ...occasion.facts,
    },
  }
}

/** Carries on a rollback whose intent was written but not done; nothing, where its good state cannot be run. */
export function resumeRollback(view: DeliveryView, rollback: Rollback, now: number): RollBack | undefined {
  const { inFlight, hold, good, trouble } = view.record ?? {}
  const { cause, of, taskDefinitionArn } = rollback
  const state = good?.find((each) => each.taskDefinitionArn === taskDefinitionArn)
  if (inFlight === undefined || state === undefined) return undefined
  const target = firstUsable(view, [state])
  if (target === undefined || target === 'unchecked') return undefined
  const occasion: Occasion = {
    reason: 'unfinished-intent',
    cause,
    evidence: [trouble?.note ?? cause],
    facts: { deployment: of },
    ...(inFlight.breakGlass !== undefined && { breakGlass: inFlight.breakGlass }),
  }
  const { supersedes, ...decision } = rollBackTo(view, target, occasion, now)
  return {
    ...decision,
    rollback: { ...decision.rollback, of },
    quarantine: {},
    ...(hold !== undefined && { hold }),
    resumes: inFlight.id,
  }
}

/** The digests that run and are not of the good state, each with the reason: what could be to blame. */
export function blamed(
  view: DeliveryView,
  good: Readonly<Record<string, DeployedImage>>,
  why: string,
): Record<string, string> {
  const kept = Object.values(good).map(({ digest }) => digest)
  const others = Object.entries(runningImages(view)).filter(([name, { digest }]) => {
    return good[name]?.digest !== digest && !kept.includes(digest)
  })
  return Object.fromEntries(others.map(([, { digest }]) => [digest, why]))
}

/**
 * The good state that an operator asks for. Throws `Failure` INVALID_REQUEST where there is none, or it cannot be run.
 */
export function requestedGood(view: DeliveryView, { to }: RollbackRequest): GoodState {
  const name = nameOf(view.service)
  const states = goodStates(view)
  const meant = to === undefined ? states : states.filter((state) => names(state, to))
  const target = firstUsable(view, meant)
  if (target !== undefined && target !== 'unchecked') return target
  const known = states.map((state) => `${imagesText(state.images)}${lackOf(view, state)}`).join('; ')
  const which = to === undefined ? '' : ` with image ${to}`
  const instead = known === '' ? 'name an image to deploy instead' : `what was good before: ${known}`
  throw new Failure(
    'INVALID_REQUEST',
    `${name} cannot be rolled back, because there is no other verified state${which} that can be run; ${instead}.`,
  )
}

/** What a good state lacks to be run, if it is known. */
function lackOf(view: DeliveryView, good: GoodState): string {
  if (canRun(view, good) !== false) return ''
  const missing = view.usable?.[good.taskDefinitionArn]?.missingImages ?? []
  return missing.length > 0 ? ' (deleted; push it again)' : ' (its task definition is gone)'
}

function names({ images }: GoodState, to: string): boolean {
  return Object.values(images).some(({ digest, tag }) => tag === to || namesDigest(to, digest))
}

// Only ECS's own way back stops a deployment that is under way, and it leads to the last one that completed.
function howTo(view: DeliveryView, good: GoodState): Rollback['how'] {
  return 'serviceDeploymentArn' in stopped(view, good) ? 'stop' : 'update'
}

function stopped(view: DeliveryView, good: GoodState): { serviceDeploymentArn?: string } {
  const { taskDefinitionArn } = good
  const { health, record, service } = view
  const running = health?.serviceDeployment
  if (service.primary.rolloutState !== 'IN_PROGRESS' || running?.status !== 'IN_PROGRESS') return {}
  const { sourceTaskDefinitionArn = taskDefinitionArn, targetTaskDefinitionArn } = running
  const isPrimary =
    (targetTaskDefinitionArn ?? service.primary.taskDefinitionArn) === service.primary.taskDefinitionArn
  const isBack =
    record?.known?.taskDefinitionArn === taskDefinitionArn && sourceTaskDefinitionArn === taskDefinitionArn
  return isPrimary && isBack && !isRegisteredAnew(view, good) ? { serviceDeploymentArn: running.arn } : {}
}

function changesTo(view: DeliveryView, images: Readonly<Record<string, DeployedImage>>): ImageChange[] {
  const running = runningImages(view)
  return view.service.containers.flatMap(({ image, name }) => {
    const to = images[name]
    if (to === undefined) return []
    const fromDigest = running[name]?.digest
    return [{ container: name, from: image.text, ...(fromDigest !== undefined && { fromDigest }), to }]
  })
}

function imagesText(images: Readonly<Record<string, DeployedImage>>): string {
  const all = Object.values(images).map((image) => `${image.repository} ${describeImage(image)}`)
  return all.join(' and ') || 'nothing that is known'
}
