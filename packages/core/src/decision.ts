/**
 * Decisions are data: what should be done to a service, why, and the facts it rests on. Doing nothing is a decision too.
 * `explain` makes the one sentence that log, CLI and ledger show.
 */
import type {
  Bake,
  DeployedImage,
  GoodState,
  Hold,
  HoldReason,
  KnownState,
  Rollback,
  ServiceKey,
  Trouble,
} from './view.ts'

/** One container's image, from what it runs to what it should run: the same, where a tag is only pinned to its digest. */
export interface ImageChange {
  readonly container: string
  /** The image as the task definition names it now. */
  readonly from: string
  readonly fromDigest?: string
  readonly to: DeployedImage
}

export type SkipReason =
  | 'not-enrolled' // no config and no tag names the service
  | 'paused' // its policy is `off`
  | 'invalid-settings' // its settings have problems, which are listed
  | 'already-running' // it runs what its policy chooses
  | 'no-matching-image' // no image of the repository matches the policy
  | 'would-downgrade' // what the policy chooses is older than what runs
  | 'quarantined' // what the policy chooses failed here before
  | 'wrong-platform' // none of the highest images that match the policy runs on the task's platform
  | 'repository-missing' // the tracked repository does not exist
  | 'held' // someone chose what runs; only something newer, pushed since, is deployed
  | 'platform-unknown' // the manifest of what the policy chooses could not be read

export type WaitReason =
  | 'deployment-in-progress' // Capstan's own deployment of the same images is under way
  | 'foreign-deployment-in-progress' // someone else's is
  | 'frozen' // a freeze holds for the service
  | 'paused' // a person paused the service
  | 'recovering' // a rollback has not calmed it yet, so that nothing could be told of what comes next

export type AdoptReason =
  | 'first-seen' // no earlier state is known
  | 'created-anew' // what is known is of a deleted service that had this one's name
  | 'same-images' // a foreign change that leaves the tracked images alone
  | 'chosen-images' // a foreign change to what the policy chooses anyway
  | 'rolled-back' // a change away from images that failed here: ECS's rollback, or a person's
  | 'foreign-change' // any other, which the deployment decided in the same pass overtakes

export type RollBackReason =
  | 'alarm' // an alarm of the service rings because of what runs
  | 'crash-loop' // its tasks crash again and again
  | 'targets-unhealthy' // most of its targets are unhealthy, and stay so
  | 'deployment-failed' // ECS says that its deployment failed, and left it there
  | 'requested' // an operator asked for it
  | 'unfinished-intent' // it was begun and not finished

interface Base {
  readonly service: ServiceKey
  /** What it rests on, for people: plain values by name. */
  readonly facts: Readonly<Record<string, string | number>>
}

export type DeliveryDecision =
  | (Base & {
      readonly kind: 'deploy'
      readonly reason: 'newer-image' | 'tag-moved' | 'requested' | 'unfinished-intent'
      readonly changes: readonly ImageChange[]
      /** The service's task definition that the new revision is made from. */
      readonly baseTaskDefinitionArn: string
      /** The primary deployment that the decision saw: another one at the time of apply is a conflict. */
      readonly basePrimaryId: string
      /** The Capstan deployment that this one overtakes. */
      readonly supersedes?: string
      /** Carries on this deployment, whose intent was written but not done. */
      readonly resumes?: string
      /** The record's hold from the intent on; without it nothing is held any more. */
      readonly hold?: Hold
      /** Why it goes out through pause and freeze. */
      readonly breakGlass?: string
    })
  /** Goes back to a good state, holds it, and sets aside what it goes back from: one intent. */
  | (Base & {
      readonly kind: 'roll-back'
      readonly reason: RollBackReason
      readonly rollback: Rollback
      /** What every container is to run, by name: `rollback.taskDefinitionArn` names it, or is registered anew so. */
      readonly images: Readonly<Record<string, DeployedImage>>
      readonly changes: readonly ImageChange[]
      /** Whether the task definition has to be registered anew, from its snapshot. */
      readonly register: boolean
      /** What is stopped, where `rollback.how` is `stop`. */
      readonly serviceDeploymentArn?: string
      readonly basePrimaryId: string
      readonly supersedes?: string
      readonly resumes?: string
      /** Why each digest is not deployed again by itself. */
      readonly quarantine: Readonly<Record<string, string>>
      readonly hold: Hold
      /** What it rests on, in sentences. */
      readonly evidence: readonly string[]
      readonly breakGlass?: string
    })
  /** Writes down what became of the deployment in flight. */
  | (Base & {
      readonly kind: 'record'
      readonly reason: 'started' | 'completed' | 'failed' | 'overtaken'
      readonly deployment: string
      readonly primaryId: string
      readonly known: KnownState
      /** Digests that failed: quarantined by `failed`. */
      readonly failedDigests?: readonly string[]
      /** The record's hold after `failed`, where it went back. */
      readonly hold?: Hold
    })
  /** Takes the service's present state as known; another decision follows it in the same pass. */
  | (Base & {
      readonly kind: 'adopt'
      readonly reason: AdoptReason
      readonly known: KnownState
      /** The record's hold from now on; without it nothing is held. */
      readonly hold?: Hold
    })
  | (Base & {
      readonly kind: 'hold'
      readonly reason: 'foreign-change'
      readonly hold: Hold
      readonly known: KnownState
    })
  /** Something is wrong, and for this reason nothing is rolled back. Another decision follows it in the same pass. */
  | (Base & {
      readonly kind: 'hold'
      readonly reason: HoldReason
      readonly trouble: Trouble
      /** Digests that are to blame and cannot be gone back from, with the reason. */
      readonly quarantine?: Readonly<Record<string, string>>
      readonly evidence: readonly string[]
    })
  /** The trouble that was told is over. Another decision follows it in the same pass. */
  | (Base & { readonly kind: 'clear'; readonly reason: 'recovered'; readonly trouble: Trouble })
  /** Begins to watch what completed. Another decision follows it in the same pass. */
  | (Base & { readonly kind: 'bake'; readonly reason: 'completed'; readonly bake: Bake })
  /** Counts what runs as good from now on. Another decision follows it in the same pass. */
  | (Base & {
      readonly kind: 'verify'
      readonly reason: 'baked'
      readonly primaryId: string
      readonly good: GoodState
    })
  | (Base & { readonly kind: 'wait'; readonly reason: WaitReason })
  | (Base & { readonly kind: 'skip'; readonly reason: SkipReason })
