/** Says decisions: one sentence for people, the same in log, CLI and ledger, and one string to tell them apart by. */
import type { AdoptReason, DeliveryDecision, ImageChange, SkipReason, WaitReason } from './decision.ts'
import { explainGuard } from './explain-guard.ts'
import { describeImage } from './facts.ts'
import { nameOf } from './service-key.ts'

type Kind<K extends DeliveryDecision['kind']> = Extract<DeliveryDecision, { kind: K }>

/** What is done or left, and why, in one sentence. */
export function explain(decision: DeliveryDecision): string {
  switch (decision.kind) {
    case 'deploy':
      return explainDeploy(decision)
    case 'record':
      return explainRecord(decision)
    case 'adopt':
      return `Takes the present state of ${nameOf(decision.service)} as known: ${ADOPT[decision.reason]}.`
    case 'roll-back':
    case 'bake':
    case 'verify':
    case 'clear':
      return explainGuard(decision)
    case 'hold':
      if (decision.reason !== 'foreign-change') return explainGuard(decision)
      return `Holds ${nameOf(decision.service)}: someone else deployed ${fact(decision, 'images')}; only an image that is newer and pushed after that is deployed by itself.`
    case 'wait':
      return `Waits for ${nameOf(decision.service)}: ${WAIT[decision.reason](decision)}.`
    case 'skip':
      return `Leaves ${nameOf(decision.service)} as it is: ${SKIP[decision.reason](decision)}${explainLatest(decision)}.`
  }
}

function explainLatest({ facts }: DeliveryDecision): string {
  return facts.latest === undefined ? '' : `; ${facts.latest}, pushed last, is ${facts.latestIs}`
}

/** A stable text that is equal for equal decisions, whenever they are made. */
export function fingerprint(decision: DeliveryDecision): string {
  const { kind, reason, facts } = decision
  const sorted = Object.entries(facts).sort(([a], [b]) => (a < b ? -1 : 1))
  const changes =
    'changes' in decision ? decision.changes.map(({ container, to }) => [container, to.digest]) : []
  return JSON.stringify([kind, reason, sorted, changes])
}

const DEPLOY: Readonly<Record<Kind<'deploy'>['reason'], (decision: Kind<'deploy'>) => string>> = {
  'newer-image': (decision) => `it is what ${fact(decision, 'policy')} chooses now`,
  'tag-moved': (decision) => `the tag points to another image than ${fact(decision, 'running')} now`,
  requested: (decision) => `${fact(decision, 'by')} asked for it`,
  'unfinished-intent': () => 'it was begun and not finished',
}

function explainDeploy(decision: Kind<'deploy'>): string {
  const { reason, changes, facts, supersedes } = decision
  const instead = supersedes === undefined ? '' : `, in place of deployment ${supersedes}`
  const real = changes.filter(({ fromDigest, to }) => fromDigest !== to.digest)
  const told = real.length > 0 ? real : changes
  const glass = facts.breakGlass === undefined ? '' : `, through pause and freeze (${facts.breakGlass})`
  return `Deploys ${told.map(explainChange).join(' and ')} to ${nameOf(decision.service)}${instead}: ${DEPLOY[reason](decision)}${glass}.`
}

function explainChange({ container, to }: ImageChange): string {
  return `${to.repository} ${describeImage(to)} in container ${container}`
}

const RECORD: Readonly<Record<Kind<'record'>['reason'], string>> = {
  started: 'has begun',
  completed: 'is completed',
  failed: 'failed',
  overtaken: 'was overtaken by another change to the service',
}

function explainRecord(decision: Kind<'record'>): string {
  const { deployment, facts, failedDigests = [], reason, service } = decision
  const why = facts.why === undefined ? '' : ` (${facts.why})`
  // A rollback brings no new images in.
  const aside = failedDigests.length ? '; its new images are not deployed again by themselves' : ''
  return `Deployment ${deployment} of ${nameOf(service)} ${RECORD[reason]}${aside}${why}.`
}

const ADOPT: Readonly<Record<AdoptReason, string>> = {
  'first-seen': 'it is seen for the first time',
  'created-anew': 'it was created anew under the name of one that was deleted',
  'same-images': 'someone else changed it and left the tracked images alone',
  'chosen-images': 'someone else deployed the images that its policy chooses',
  'rolled-back': 'it went back from images that failed',
  'foreign-change': 'someone else changed it, and there is something newer to deploy',
}

const WAIT: Readonly<Record<WaitReason, (decision: DeliveryDecision) => string>> = {
  'deployment-in-progress': () => "Capstan's own deployment is under way",
  'foreign-deployment-in-progress': () => "someone else's deployment is under way",
  frozen: (decision) => {
    const until = decision.facts.until === undefined ? 'until it is removed' : `until ${decision.facts.until}`
    return `${fact(decision, 'scope')} is frozen ${until} by ${fact(decision, 'by')} (${fact(decision, 'why')}); ${fact(decision, 'waits')}`
  },
  paused: (decision) =>
    `${fact(decision, 'by')} paused it (${fact(decision, 'why')}); ${fact(decision, 'waits')}`,
  recovering: (decision) =>
    `it was rolled back and is not calm yet (${fact(decision, 'note')}); ${fact(decision, 'waits')}`,
}

const SKIP: Readonly<Record<SkipReason, (decision: DeliveryDecision) => string>> = {
  'not-enrolled': () => 'neither the config file nor a capstan:track tag names it',
  paused: () => 'its policy is off',
  'invalid-settings': (decision) =>
    `its settings have problems. ${fact(decision, 'problems').replace(/\.$/, '')}`,
  'already-running': (decision) => {
    const why =
      decision.facts.by === undefined
        ? `${fact(decision, 'policy')} chooses`
        : `${decision.facts.by} asked for`
    return `it runs ${fact(decision, 'running')}, which ${why}`
  },
  'no-matching-image': (decision) =>
    `no image of ${fact(decision, 'repository')} matches ${fact(decision, 'policy')}`,
  'would-downgrade': (decision) =>
    `${fact(decision, 'chosen')}, which ${fact(decision, 'policy')} chooses, is older than ${fact(decision, 'running')}`,
  quarantined: (decision) =>
    `${fact(decision, 'chosen')}, which ${fact(decision, 'policy')} chooses, failed here before (${fact(decision, 'note')}) and is tried again only if someone names or releases it`,
  'wrong-platform': (decision) =>
    `none of the highest images of ${fact(decision, 'repository')} that match ${fact(decision, 'policy')} runs on ${fact(decision, 'platform')}`,
  'repository-missing': (decision) => `there is no repository ${fact(decision, 'repository')}`,
  held: (decision) => `it is held on ${fact(decision, 'running')} (${fact(decision, 'note')})`,
  'platform-unknown': (decision) =>
    `the manifest of what ${fact(decision, 'policy')} chooses in ${fact(decision, 'repository')} could not be read`,
}

function fact(decision: DeliveryDecision, name: string): string {
  const value = decision.facts[name]
  return value === undefined || value === '' ? `an unknown ${name}` : String(value)
}
