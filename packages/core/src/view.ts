/**
 * What `observe` has seen of one ECS service: everything that a delivery decision may rest on, as plain data.
 * Times are milliseconds since the epoch; identity of an image is its digest.
 */
import type { ObservedHealth } from './health.ts'
import type { ImageReference } from './image.ts'
import type { Settings } from './settings.ts'

/** A service by the names that people use. */
export interface ServiceKey {
  readonly cluster: string
  readonly service: string
}

export interface Platform {
  /** As OCI spells it: `linux`, `windows`. */
  readonly os: string
  /** As OCI spells it: `amd64`, `arm64`. */
  readonly architecture: string
}

/** One container of the service's primary task definition. */
export interface ObservedContainer {
  readonly name: string
  /** The image as the task definition names it, read; its repository as it is called from the service (`repository.ts`). */
  readonly image: ImageReference
  readonly essential: boolean
}

/** One ECS deployment of the service, as DescribeServices tells it. */
export interface ObservedDeployment {
  readonly id: string
  readonly status: 'PRIMARY' | 'ACTIVE' | 'INACTIVE'
  readonly taskDefinitionArn: string
  readonly rolloutState: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED' | undefined
  /** Why it is in that state, in the words of ECS. */
  readonly rolloutStateReason?: string
  readonly createdAt: number
  readonly updatedAt: number
  readonly failedTasks: number
}

/** The service itself. */
export interface ObservedService extends ServiceKey {
  readonly arn: string
  /** Tells a service from one of the same name that was deleted before; its ARN does not. */
  readonly createdAt: number
  readonly desiredCount: number
  readonly primary: ObservedDeployment
  /** Every deployment that DescribeServices lists, the primary too: what became of one that was replaced. */
  readonly deployments: readonly ObservedDeployment[]
  /** Id of the Capstan deployment that registered the primary's task definition, from that definition's tags. */
  readonly registeredBy: string | undefined
  readonly containers: readonly ObservedContainer[]
  /** What the task definition asks for; `linux/amd64` where it says nothing (ECS's default). */
  readonly platform: Platform
  readonly tags: Readonly<Record<string, string>>
}

/** One image of an ECR repository, as DescribeImages tells it. */
export interface ObservedImage {
  readonly digest: string
  readonly tags: readonly string[]
  readonly pushedAt: number
  readonly mediaType: string | undefined
  readonly artifactMediaType: string | undefined
  /** What the image can run on; `undefined` until its manifest has been read (see `manifestsToRead`). */
  readonly platforms?: readonly Platform[]
}

/** An image by what identifies it, with the tag that it was chosen by. */
export interface DeployedImage {
  readonly repository: string
  readonly digest: string
  /** The tag under which the image was chosen; absent where it was named by digest. */
  readonly tag?: string
}

/** What the ledger remembers of a service. `version` counts its writes: the condition of the next one. */
export interface ServiceRecord extends ServiceKey {
  readonly version: number
  /** The repositories that the service tracks: a push to one of them is its business. */
  readonly repositories: readonly string[]
  /** The deployment that Capstan has under way, from its intent on. */
  readonly inFlight?: InFlight
  /** The last state of the service that Capstan knows the origin of: what a foreign change is told by. */
  readonly known?: KnownState
  /** Why nothing is deployed until something newer comes or a person says so. */
  readonly hold?: Hold
  /** Digests that failed here, with the reason; never deployed again by itself. */
  readonly quarantine: Readonly<Record<string, string>>
  /** Fingerprint of the last decision that was written down, so that the same one is not written each minute. */
  readonly lastDecision?: string
  /** What is wrong with the service's settings, in sentences. */
  readonly problems: readonly string[]
  /** The deployment that is watched, or was, before it counts as good. */
  readonly bake?: Bake
  /** The states that were verified, newest first, each of other images, at most three. */
  readonly good?: readonly GoodState[]
  /** What is wrong with the service now, as far as it was told; it ends when its evidence is gone. */
  readonly trouble?: Trouble
  /**
   * The last rollback, by Capstan or by ECS itself: what was gone back to is not gone back from. One that did not come
   * about, overtaken or with nothing left to go back to, is forgotten.
   */
  readonly rolledBack?: RolledBack
  /** When the first of the deployments was begun that none was verified since, nor any rollback completed (ms). */
  readonly unverifiedSince?: number
  /** A person's word that nothing is done to the service. */
  readonly pause?: Pause
  /** What could go wrong with the last known good, in sentences; nothing is stopped by it. */
  readonly warnings?: readonly string[]
  /** Keys by which an alarm's event finds the service: `targetgroup/…`, `app/…`, `cluster/service`, `alarm:<name>`. */
  readonly watches?: readonly string[]
}

export interface Bake {
  readonly primaryId: string
  /** When it completed, or its trouble was last over (ms). */
  readonly since: number
  /** When it was found good (ms); absent while it is watched. */
  readonly verifiedAt?: number
}

/** A state of the service that completed and stayed healthy for its bake time. */
export interface GoodState {
  readonly taskDefinitionArn: string
  /** Images by container name. */
  readonly images: Readonly<Record<string, DeployedImage>>
  readonly serviceCreatedAt: number
  readonly verifiedAt: number
  /** Capstan's deployment that brought it; absent where it was found. */
  readonly deployment?: string
  /** What it was found good by, in sentences. */
  readonly evidence: readonly string[]
  /** By container, the tags by which its task definition names images: each may be on another image by now. */
  readonly byTag?: Readonly<Record<string, string>>
}

/** Why nothing is rolled back although something is wrong. */
export const HOLD_REASONS = [
  'muted', // someone muted the alarm, or another alarm suppresses it
  'already-alarming', // it rang before the deployment was created
  'missing-data', // it rings because nothing was measured
  'no-traffic', // it is about too few requests
  'shared-alarm', // it is about other services as much
  'correlated-outage', // many services are in trouble at once
  'after-outage', // many were, and it was among them
  'nothing-recent', // the deployment was completed too long ago to be the reason
  'infrastructure', // Spot, capacity or a host took tasks away
  'targets-unhealthy', // not for long enough yet
  'recovering', // a rollback is to end it
  'rollback-unhealthy', // what was gone back to is in trouble as well
  'already-rolled-back', // for this very cause
  'nothing-to-roll-back-to', // no other good state can be run
  'paused', // a person paused the service
  'guard-off', // its settings say that nothing is rolled back
] as const

export type HoldReason = (typeof HOLD_REASONS)[number]

export interface Trouble {
  readonly reason: HoldReason
  /** What tells this trouble from the next one of its kind. */
  readonly cause: string
  /** When it was first seen (ms). */
  readonly since: number
  /** The evidence, for people. */
  readonly note: string
}

export interface RolledBack {
  /** The ECS deployment that carried it out, once seen. */
  readonly primaryId?: string
  /** What was gone back to. */
  readonly taskDefinitionArn: string
  readonly at: number
  readonly cause: string
}

export interface Pause {
  readonly by: string
  readonly reason: string
  readonly at: number
}

/** How a rollback is carried out: the present deployment stopped, or the good task definition deployed. */
export interface Rollback {
  /** What was rolled back: Capstan's deployment, else that of ECS. */
  readonly of: string
  readonly cause: string
  readonly how: 'stop' | 'update'
  /** What is gone back to. */
  readonly taskDefinitionArn: string
}

export interface InFlight {
  /** Capstan's own id of the deployment. */
  readonly id: string
  /** Images by container name. */
  readonly images: Readonly<Record<string, DeployedImage>>
  /** `intended`: written down, maybe not done; `started`: seen as the service's primary deployment. */
  readonly state: 'intended' | 'started'
  readonly intendedAt: number
  /** The ECS deployment that was primary when it was decided. */
  readonly basePrimaryId: string
  /** The ECS deployment that carries it out, once seen. */
  readonly primaryId?: string
  /** Present where it goes back instead of forward; `images` are those of the good state then. */
  readonly rollback?: Rollback
  /** Why it goes out through pause and freeze. */
  readonly breakGlass?: string
}

export interface KnownState {
  /** When the service was created that this is the state of. */
  readonly serviceCreatedAt: number
  readonly primaryId: string
  readonly taskDefinitionArn: string
  readonly images: Readonly<Record<string, DeployedImage>>
  /** When Capstan's deployment of it completed; absent where it was found, not deployed. */
  readonly completedAt?: number
}

export interface Hold {
  /** `requested`: an operator asked for an image that the policy would not have chosen. */
  readonly reason: 'foreign-change' | 'requested' | 'rolled-back'
  /** Only images pushed after this are deployed by themselves. */
  readonly since: number
  /** The digests held, by container; the reference's text where the digest is not known. Other containers are free. */
  readonly images: Readonly<Record<string, string>>
  readonly note: string
}

/** An operator's wish: deploy this, whatever policy and hold say. */
export interface DeployRequest {
  /** The container to change; may be left out where only one is tracked. */
  readonly container?: string
  /** A tag or a digest of the tracked repository; left out: what the policy chooses now. */
  readonly reference?: string
  readonly by: string
  /** Why it has to go out although the service is paused or frozen. */
  readonly breakGlass?: string
}

/** An operator's wish: go back to what was good. */
export interface RollbackRequest {
  readonly by: string
  readonly reason: string
  /** A digest or a tag of the good state to go back to; left out: the newest that does not run. */
  readonly to?: string
  /** Why it has to be done although the service is paused. */
  readonly breakGlass?: string
}

/** What was found of a good state that could be gone back to. */
export interface Usable {
  /** ECS starts nothing of an `inactive` task definition: it has to be registered anew. */
  readonly definition: 'active' | 'inactive' | 'missing'
  /** Whether the ledger has what it is registered anew from; it is not asked where that is not needed. */
  readonly hasSnapshot: boolean
  /** Digests that can no longer be pulled. */
  readonly missingImages: readonly string[]
}

/** A freeze that holds for the service now. */
export interface ActiveFreeze {
  readonly id: string
  /** `all`, a cluster, or `cluster/service`. */
  readonly scope: string
  readonly reason: string
  readonly by: string
  /** When it ends (ms); absent: when someone removes it. */
  readonly until?: number
}

/** All that a delivery decision for one service may rest on. */
export interface DeliveryView {
  readonly service: ObservedService
  readonly settings: Settings
  readonly record: ServiceRecord | undefined
  /**
   * Images by repository, as `repository.ts` has them called, for every one that the settings name. A missing repository has
   * no entry.
   */
  readonly repositories: Readonly<Record<string, readonly ObservedImage[]>>
  readonly request?: DeployRequest
  readonly rollbackRequest?: RollbackRequest
  /** Absent where the door did not look at it: then nothing is verified and nothing rolled back. */
  readonly health?: ObservedHealth
  /** The good states that were looked at, by task definition ARN (see `goodToCheck`). */
  readonly usable?: Readonly<Record<string, Usable>>
  /** Freezes that hold for the service now. */
  readonly freezes?: readonly ActiveFreeze[]
  /** The record's `watches`, as they are seen now. */
  readonly watches?: readonly string[]
  /** The record's `warnings`, as they are seen now; absent where nobody looked. */
  readonly warnings?: readonly string[]
}
