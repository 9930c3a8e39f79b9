/**
 * What a stopped task says about its image: did the application fail, did what it runs on, or was it meant to stop?
 * Only the application's failures count against a deployment.
 *
 * | stopCode                                              | is                                                  |
 * | ----------------------------------------------------- | --------------------------------------------------- |
 * | SpotInterruption, TerminationNotice, InfrastructureHealth | infrastructure                                  |
 * | UserInitiated                                         | normal, unless the reason names a host              |
 * | ServiceSchedulerInitiated                             | by its reason: failed health checks are the application's |
 * | EssentialContainerExited                              | application, unless a container's reason says else  |
 * | TaskFailedToStart, or none                            | by its reason and the containers' reasons           |
 *
 * Sources: Amazon ECS API reference, Task (stopCode); developer guide, "Amazon ECS stopped tasks error messages".
 */
import type { ObservedStop } from './health.ts'

export type StopKind = 'application' | 'infrastructure' | 'normal' | 'unknown'

/** As much of a stopped task as its class depends on. */
export type Stop = Pick<ObservedStop, 'stopCode' | 'stoppedReason' | 'exits'>

export interface ClassifiedStop {
  readonly kind: StopKind
  /** Why, as the end of a sentence about the task. */
  readonly what: string
}

type Rule = readonly [pattern: RegExp, kind: StopKind, what: string]

/** What keeps an image from being pulled though it is there: the way to the registry, the host's disk, permissions. */
const PULL_TROUBLE =
  /i\/o timeout|dial tcp|no such host|connection (?:refused|reset)|handshake timeout|deadline exceeded|request cancell?ed|timed? ?out|toomanyrequests|rate limit|too many requests|\b50[0-4]\b|no space left|\bEOF\b|registry auth|no basic auth|failed to authorize|access ?denied(?!.*does not exist)|unauthorized|\b403\b/i

/** By the text of `stoppedReason` or of a container's `reason`; the first that matches holds. */
const RULES: readonly Rule[] = [
  [/^Scaling activity initiated by/i, 'normal', 'its service replaced it or needs fewer tasks'],
  [/rebalanc/i, 'normal', 'its service moved it to another availability zone'],
  [/Spot ?Interruption|Spot Task was interrupted/i, 'infrastructure', 'its Spot capacity was taken back'],
  [
    /Host EC2|container instance|deregistration forced|Isolated|maintenance|retire|terminat(?:ed|ion) notice/i,
    'infrastructure',
    'its host went away',
  ],
  [
    /failed (?:ELB|container) health checks|failed health checks/i,
    'application',
    'it failed its health checks',
  ],
  [/^(?:Task )?stopped by user|service .*deleted/i, 'normal', 'it was stopped on purpose'],
  [/OutOfMemory/i, 'application', 'it ran out of memory'],
  [
    /no matching manifest|descriptor matching platform|platform.*mismatch/i,
    'application',
    'its image is for another platform',
  ],
  [/exec format error/i, 'application', 'its image is for another platform'],
  [/^InternalError/, 'infrastructure', 'ECS had an internal error'],
  [
    /ResourceInitializationError|failed to initialize logging driver/i,
    'infrastructure',
    'what it needs could not be set up',
  ],
  [/CannotCreateVolume|EBS volume|\bEFS\b/i, 'infrastructure', 'its volume could not be attached'],
  [/network interface|\bENI\b/i, 'infrastructure', 'its network interface could not be made'],
  [/^RESOURCE|capacity is unavailable|\bcapacity\b/i, 'infrastructure', 'there was no capacity for it'],
  [/^AGENT|^ATTRIBUTE|agent.*disconnect/i, 'infrastructure', 'no host could take it'],
  [/thin ?pool|devmapper|no space left/i, 'infrastructure', "its host's disk is full"],
  [
    /(?:Docker|ContainerRuntime)TimeoutError|ContainerRuntimeError|CannotInspectContainer|CannotStopContainer/,
    'infrastructure',
    'its container runtime did not answer',
  ],
  [/CannotStartContainer|CannotCreateContainer/, 'application', 'its container could not be started'],
  [
    /a dependency of container|dependency.*(?:did not|failed)/i,
    'application',
    'a container that another waits for failed',
  ],
]

/** What a stopped task is evidence of, and why. */
export function classifyStop(stop: Stop): ClassifiedStop {
  const { stopCode, stoppedReason = '', exits } = stop
  const reasons = [stoppedReason, ...exits.map(({ reason = '' }) => reason)]
  switch (stopCode) {
    case 'SpotInterruption':
      return { kind: 'infrastructure', what: 'its Spot capacity was taken back' }
    case 'TerminationNotice':
    case 'InfrastructureHealth':
      return { kind: 'infrastructure', what: 'its host went away' }
    case 'UserInitiated':
      return (
        only('infrastructure', byReason(reasons)) ?? { kind: 'normal', what: 'it was stopped on purpose' }
      )
    case 'ServiceSchedulerInitiated':
      return byReason(reasons) ?? unknown(stopCode, stoppedReason)
    case 'EssentialContainerExited':
      return (
        byReason(reasons.slice(1)) ??
        byExit(stop) ?? { kind: 'application', what: 'an essential container exited' }
      )
    default:
      return byReason(reasons) ?? byExit(stop) ?? unknown(stopCode, stoppedReason)
  }
}

function byReason(reasons: readonly string[]): ClassifiedStop | undefined {
  for (const reason of reasons) {
    const pulled = byPull(reason)
    if (pulled !== undefined) return pulled
    const rule = RULES.find(([pattern]) => pattern.test(reason))
    if (rule !== undefined) return { kind: rule[1], what: rule[2] }
  }
  return undefined
}

/** An image that is not there, or cannot run there, is the deployment's failure; one that cannot be reached is not. */
function byPull(reason: string): ClassifiedStop | undefined {
  if (!/CannotPull/.test(reason)) return undefined
  if (/no matching manifest|matching platform|does not match.*platform/i.test(reason))
    return { kind: 'application', what: 'its image is for another platform' }
  return PULL_TROUBLE.test(reason)
    ? { kind: 'infrastructure', what: 'its image could not be reached' }
    : { kind: 'application', what: 'its image could not be pulled' }
}

/** A service's container is meant to run on: an end with 0 is an end too. */
function byExit({ exits }: Stop): ClassifiedStop | undefined {
  const exit =
    exits.find(({ essential, code }) => essential && code !== undefined && code !== 0) ??
    exits.find(({ essential, code }) => essential && code !== undefined)
  if (exit === undefined) return undefined
  return {
    kind: 'application',
    what: `its container ${exit.container} exited with ${exit.code}${signalOf(exit.code)}`,
  }
}

// A process that a signal ends exits with 128 and the signal's number (POSIX shells; docker run does the same).
function signalOf(code: number | undefined): string {
  if (code === 137) return ' (killed)'
  if (code === 139) return ' (segmentation fault)'
  return code === 143 ? ' (terminated)' : ''
}

function only(kind: StopKind, found: ClassifiedStop | undefined): ClassifiedStop | undefined {
  return found?.kind === kind ? found : undefined
}

function unknown(stopCode: string | undefined, reason: string): ClassifiedStop {
  const said = [stopCode, reason.slice(0, 200)].filter((part) => part).join(': ')
  return { kind: 'unknown', what: said === '' ? 'ECS does not say why' : `ECS says only "${said}"` }
}
