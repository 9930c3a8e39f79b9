/**
 * For tests: a small pure model of ECS, ECR and one alarm around one service of one or two containers, for histories in which anything may happen.
 * Deployments complete, crash and go back as their images behave; nothing moves but by `advance`.
 */
import { AMD64, container, REGISTRY, service } from './builders.ts'
import type { ObservedAlarm, ObservedHealth, ObservedStop } from './health.ts'
import type {
  DeliveryView,
  ObservedDeployment,
  ObservedImage,
  ObservedService,
  ServiceRecord,
} from './view.ts'

/** What becomes of a service that runs an image. */
export type Behaviour =
  | 'good'
  | 'rings' // its alarm goes off a minute after its deployment
  | 'rings-early' // its alarm goes off while it is deployed
  | 'crashes' // its tasks never start
  | 'crashes-later' // its tasks crash once it is deployed
  | 'targets' // its targets turn unhealthy once it is deployed

/** The container `app` runs images of `web`; where there is a container `log`, it runs those of `log`. */
export type Repository = 'web' | 'log'
/** What a task definition names, by container. */
export type Digests = Readonly<Record<string, string>>

export interface World {
  now: number
  images: (ObservedImage & { readonly repository: Repository })[]
  behaviours: Record<string, Behaviour>
  /** By ARN: which image, who registered it, and whether it was deregistered since. */
  definitions: Record<string, { digests: Digests; registeredBy?: string; inactive?: boolean }>
  /** The primary one comes first. */
  deployments: ObservedDeployment[]
  /** The task definition that the latest service deployment leads to, and whether ECS goes back from it. */
  target: string
  isGoingBack: boolean
  lastCompleted: string
  completedAt: number
  alarm: Pick<ObservedAlarm, 'state' | 'transitionedAt'>
  stops: ObservedStop[]
  breaker: 'rollback' | 'fail' | 'off'
  /** Much of the fleet is in trouble, this service too, whatever it runs. */
  outage: boolean
  frozen: boolean
  record: ServiceRecord | undefined
  count: number
}

const STEP_MS = 10_000
const ROLLOUT_MS = 30_000
const BREAKER_MS = 60_000

/** A service that runs 1.0.0, which is good, since ever; of two containers if it has a log. */
export function createWorld(breaker: World['breaker'], hasLog: boolean): World {
  const now = 100_000_000
  const definition = definitionArn(0)
  const world: World = {
    now,
    images: [],
    behaviours: {},
    definitions: {},
    deployments: [],
    target: definition,
    isGoingBack: false,
    lastCompleted: definition,
    completedAt: now - 60_000,
    alarm: { state: 'OK', transitionedAt: 0 },
    stops: [],
    breaker,
    outage: false,
    frozen: false,
    record: undefined,
    count: 0,
  }
  const app = pushImage(world, 'web', '1.0.0', 'good')
  const digests = hasLog ? { app, log: pushImage(world, 'log', '1.0.0', 'good') } : { app }
  world.definitions[definition] = { digests }
  startDeployment(world, definition)
  setRollout(world, 'COMPLETED')
  return world
}

function definitionArn(count: number): string {
  return `arn:aws:ecs:us-east-1:123456789012:task-definition/web:${count}`
}

function nextCount(world: World): number {
  world.count += 1
  return world.count
}

/** Pushes an image of its own under a tag, which is on no other image from then on. */
export function pushImage(world: World, repository: Repository, tag: string, behaviour: Behaviour): string {
  const digest = `sha256:${nextCount(world).toString(16).padStart(64, '0')}`
  world.behaviours[digest] = behaviour
  untag(world, repository, tag)
  world.images.push({
    repository,
    digest,
    tags: [tag],
    pushedAt: world.now,
    mediaType: undefined,
    artifactMediaType: undefined,
    platforms: [AMD64],
  })
  return digest
}

/** Gives one more tag to the image pushed last: its digest and the time of its push stay. */
export function retagLast(world: World, tag: string): void {
  const last = world.images.pop()
  if (last === undefined) return
  untag(world, last.repository, tag)
  world.images.push({ ...last, tags: [...last.tags, tag] })
}

/** BatchDeleteImage: what runs of it runs on, and can be pulled no more. */
export function deleteImage(world: World, which: number): void {
  const gone = which % Math.max(1, world.images.length)
  world.images = world.images.filter((_, index) => index !== gone)
}

function untag(world: World, repository: Repository, tag: string): void {
  world.images = world.images.map((image) => {
    if (image.repository !== repository) return image
    return { ...image, tags: image.tags.filter((each) => each !== tag) }
  })
}

/** RegisterTaskDefinition: another revision with these images; the one of the deployment, if it has one already. */
export function registerDefinition(world: World, digests: Digests, registeredBy: string): string {
  const before = Object.entries(world.definitions).find(([, each]) => each.registeredBy === registeredBy)
  if (before !== undefined) return before[0]
  const arn = definitionArn(nextCount(world))
  world.definitions[arn] = { digests, registeredBy }
  return arn
}

/** UpdateService: what is under way is overtaken. */
export function startDeployment(world: World, taskDefinitionArn: string): void {
  const others = world.deployments.map((each): ObservedDeployment => ({ ...each, status: 'ACTIVE' }))
  const primary: ObservedDeployment = {
    id: `ecs-svc/${nextCount(world)}`,
    status: 'PRIMARY',
    taskDefinitionArn,
    rolloutState: 'IN_PROGRESS',
    createdAt: world.now,
    updatedAt: world.now,
    failedTasks: 0,
  }
  world.deployments = [primary, ...others]
  world.target = taskDefinitionArn
  world.isGoingBack = false
}

/** StopServiceDeployment with ROLLBACK; false where nothing is under way. */
export function stopDeployment(world: World): boolean {
  if (primaryOf(world).rolloutState !== 'IN_PROGRESS') return false
  failDeployment(world, 'Deployment was stopped.')
  return true
}

function failDeployment(world: World, reason: string): void {
  const { target } = world
  setRollout(world, 'FAILED', reason)
  startDeployment(world, world.lastCompleted)
  world.target = target
  world.isGoingBack = true
}

function setRollout(world: World, rolloutState: 'COMPLETED' | 'FAILED', rolloutStateReason = ''): void {
  const [primary, ...others] = world.deployments
  if (primary === undefined) return
  const done = { ...primary, rolloutState, rolloutStateReason, updatedAt: world.now }
  world.deployments = [done, ...(rolloutState === 'COMPLETED' ? [] : others)]
  if (rolloutState !== 'COMPLETED') return
  world.lastCompleted = done.taskDefinitionArn
  world.completedAt = world.now
}

/** Lets time pass, in steps. */
export function advance(world: World, ms: number): void {
  const end = world.now + ms
  while (world.now < end) {
    world.now = Math.min(end, world.now + STEP_MS)
    stepDeployment(world)
    setAlarm(world, isBreaching(world) ? 'ALARM' : 'OK')
    world.stops = world.stops.filter(({ stoppedAt }) => world.now - stoppedAt < 3_600_000)
  }
}

function stepDeployment(world: World): void {
  const { createdAt, id, rolloutState, taskDefinitionArn } = primaryOf(world)
  const behaviour = behaviourOf(world, taskDefinitionArn)
  const isUnderWay = rolloutState === 'IN_PROGRESS'
  if (behaviour === 'crashes' || (behaviour === 'crashes-later' && rolloutState === 'COMPLETED')) {
    world.stops.push(crashOf(world, id))
  }
  if (!isUnderWay) return
  const age = world.now - createdAt
  if (behaviour !== 'crashes') {
    if (age >= ROLLOUT_MS) setRollout(world, 'COMPLETED')
    return
  }
  if (age < BREAKER_MS || world.breaker === 'off') return
  const reason = 'ECS deployment circuit breaker: tasks failed to start.'
  if (world.breaker === 'rollback' && taskDefinitionArn !== world.lastCompleted) failDeployment(world, reason)
  else setRollout(world, 'FAILED', reason)
}

function crashOf(world: World, deploymentId: string): ObservedStop {
  const exits = [{ container: 'app', essential: true, code: 1 }]
  const taskArn = `task/${nextCount(world)}`
  return { taskArn, deploymentId, stoppedAt: world.now, stopCode: 'EssentialContainerExited', exits }
}

/** The alarm changes its state, for whatever reason. */
export function setAlarm(world: World, state: 'OK' | 'ALARM'): void {
  if (world.alarm.state !== state) world.alarm = { state, transitionedAt: world.now }
}

function isBreaching(world: World): boolean {
  if (world.outage) return true
  const primary = primaryOf(world)
  const early = behaviourOf(world, primary.taskDefinitionArn) === 'rings-early'
  const served = behaviourOf(world, world.lastCompleted)
  const isLate = world.now - world.completedAt >= 60_000
  return early || served === 'rings-early' || (served === 'rings' && isLate)
}

export function primaryOf({ deployments }: World): ObservedDeployment {
  const [primary] = deployments
  if (primary === undefined) throw new Error('A service always has a primary deployment.')
  return primary
}

function behaviourOf(world: World, taskDefinitionArn: string): Behaviour {
  const all = Object.values(digestsOf(world, taskDefinitionArn)).map((digest) => world.behaviours[digest])
  return all.find((behaviour) => behaviour !== undefined && behaviour !== 'good') ?? 'good'
}

/** The images that a task definition names. */
export function digestsOf(world: World, taskDefinitionArn: string): Digests {
  return world.definitions[taskDefinitionArn]?.digests ?? {}
}

/** What `observe` sees; with or without a look at health, as the door has it. */
export function viewWorld(
  world: World,
  settings: DeliveryView['settings'],
  withHealth: boolean,
): DeliveryView {
  const freezes = world.frozen ? [{ id: 'f-1', scope: 'all', reason: 'sale', by: 'ann' }] : []
  const usable = Object.entries(world.definitions).map(([arn, { digests, inactive }]) => {
    const definition = inactive ? ('inactive' as const) : ('active' as const)
    const missingImages = Object.values(digests).filter((digest) => {
      return !world.images.some((image) => image.digest === digest)
    })
    return [arn, { definition, hasSnapshot: true, missingImages }] as const
  })
  return {
    service: serviceOf(world),
    settings,
    record: world.record,
    repositories: {
      web: world.images.filter(({ repository }) => repository === 'web'),
      log: world.images.filter(({ repository }) => repository === 'log'),
    },
    freezes,
    ...(withHealth && { health: healthOf(world), usable: Object.fromEntries(usable) }),
  }
}

function serviceOf(world: World): ObservedService {
  const primary = primaryOf(world)
  const { taskDefinitionArn } = primary
  return service({
    createdAt: 1000,
    primary,
    deployments: [...world.deployments],
    registeredBy: world.definitions[taskDefinitionArn]?.registeredBy,
    containers: Object.entries(digestsOf(world, taskDefinitionArn)).map(([name, digest]) => {
      return container(`${REGISTRY}/${name === 'log' ? 'log' : 'web'}@${digest}`, name)
    }),
  })
}

function healthOf(world: World): ObservedHealth {
  const primary = primaryOf(world)
  const behaviour = behaviourOf(world, primary.taskDefinitionArn)
  const isDone = primary.rolloutState === 'COMPLETED'
  const isSick = behaviour === 'targets' && isDone
  return {
    alarms: [
      {
        ...world.alarm,
        arn: 'alarm:web',
        name: 'web',
        reason: 'Threshold Crossed.',
        ties: ['target-group'],
        missingData: false,
        sharedWith: 0,
      },
    ],
    targets: [
      { targetGroup: 'web', healthy: isSick ? 0 : 2, unhealthy: isSick ? 2 : 0, initial: 0, reasons: [] },
    ],
    stops: [...world.stops],
    running: isDone ? 2 : 0,
    serviceDeployment: {
      arn: `sd/${primary.id}`,
      status: `${world.isGoingBack ? 'ROLLBACK_' : ''}${isDone ? 'SUCCESSFUL' : 'IN_PROGRESS'}`,
      targetTaskDefinitionArn: world.target,
    },
    fleet: { watched: 10, alarming: world.outage ? 8 : 1, rolledBackLately: 0 },
  }
}
