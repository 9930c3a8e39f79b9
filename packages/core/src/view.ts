/**
 * What `observe` has seen of one ECS service: everything that a delivery decision may rest on, as plain data.
 * Times are milliseconds since the epoch; identity of an image is its digest.
 */
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
  /** The image as the task definition names it, read. */
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
  readonly reason: 'foreign-change' | 'requested'
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
}

/** All that a delivery decision for one service may rest on. */
export interface DeliveryView {
  readonly service: ObservedService
  readonly settings: Settings
  readonly record: ServiceRecord | undefined
  /** Images by repository name, for every repository that the settings name. A missing repository has no entry. */
  readonly repositories: Readonly<Record<string, readonly ObservedImage[]>>
  readonly request?: DeployRequest
}
