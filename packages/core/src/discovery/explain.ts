/** Says decisions about a target: one sentence for people, the same in log, CLI and ledger. */
import type { DeregisterReason, DiscoveryDecision, DiscoverySkipReason, RegisterReason } from './decision.ts'
import { targetName } from './names.ts'

/** What is done or left, and why, in one sentence. */
export function explainDiscovery(decision: DiscoveryDecision): string {
  const name = targetName(decision.target)
  switch (decision.kind) {
    case 'register':
      return `${decision.reason === 'changed' ? 'Changes' : 'Adds'} ${fact(decision, 'records')} for ${name}: ${REGISTER[decision.reason]}.`
    case 'deregister':
      return `Removes ${fact(decision, 'records')} from ${name}: ${DEREGISTER[decision.reason]}.`
    case 'adopt':
      return `Takes over what others have written at ${name}: ${fact(decision, 'records')}.`
    case 'skip': {
      const holds = decision.reason === 'invalid-settings' && decision.facts.stay === undefined
      return `${holds ? 'Finds tasks at' : 'Leaves'} ${name} as ${holds ? 'was last understood' : 'it is'}: ${SKIP[decision.reason](decision)}.`
    }
  }
}

/**
 * A text of what is left undone, equal as long as the same is; empty where nothing is. It is what the ledger keeps as
 * `told`.
 */
export function fingerprintDiscovery(decisions: readonly DiscoveryDecision[]): string {
  const left = decisions
    .filter(({ kind, reason }) => kind === 'skip' && reason !== 'up-to-date')
    .map(({ reason, facts }) => [reason, Object.entries(facts).toSorted(([a], [b]) => (a < b ? -1 : 1))])
  return left.length === 0 ? '' : JSON.stringify(left)
}

const REGISTER: Readonly<Record<RegisterReason, string>> = {
  serving: 'their tasks can serve now',
  missing: 'they were written and are not there any more',
  changed: 'what is there is not what should be',
  marked: 'it says whose the name is',
}

const DEREGISTER: Readonly<Record<DeregisterReason, string>> = {
  stopping: 'their tasks are to stop, or have stopped',
  unhealthy: 'their tasks are not healthy',
  gone: 'no task is behind them any more',
  surplus: 'there are more tasks than records are allowed',
  released: 'nobody asks for them any more',
  replaced: 'they were taken over, and the tasks stand there in their place',
}

const SKIP: Readonly<Record<DiscoverySkipReason, (decision: DiscoveryDecision) => string>> = {
  'up-to-date': ({ facts }) =>
    facts.tasks === 0
      ? 'nothing should be there'
      : `${count(facts.tasks, 'task is', 'tasks are')} found there`,
  'no-task': ({ facts }) => {
    const unhealthy = facts.unhealthy === undefined ? '' : `, ${facts.unhealthy} of them unhealthy`
    const stay = facts.stay === undefined ? '' : `; ${facts.stay} stays until one can`
    return `no task can serve now${unhealthy}${stay}`
  },
  'not-ready': (decision) =>
    `${count(decision.facts.tasks, 'task runs', 'tasks run')} that cannot be told yet (${fact(decision, 'why')})`,
  'all-unhealthy': (decision) =>
    `no task is healthy (${fact(decision, 'why')}), so ${fact(decision, 'stay')} is left as the best there is`,
  'foreign-record': (decision) => {
    const { ecs, records } = decision.facts
    const beside = `ECS registers ${ecs} itself, which stands beside Capstan's and is not taken over, because ECS would register it again; remove serviceRegistries from the ECS service`
    const inTheWay = `someone else's ${fact(decision, 'records')} is in the way; remove it, or take it over with capstan discovery adopt`
    if (ecs === undefined) return inTheWay
    return records === undefined ? beside : `${inTheWay}; and ${beside}`
  },
  'over-quota': (decision) =>
    `${fact(decision, 'found')} records are there, because AWS takes ${fact(decision, 'quota')} at most${decision.facts.others === undefined ? '' : `, and ${decision.facts.others} of them are others`}`,
  policy: (decision) =>
    `its policy ${fact(decision, 'policy')} does not allow to change ${fact(decision, 'records')}`,
  'no-zone': (decision) => fact(decision, 'note'),
  'no-namespace': (decision) => fact(decision, 'note'),
  'no-discovery-service': (decision) => fact(decision, 'note'),
  'invalid-settings': (decision) => {
    const { stay } = decision.facts
    const held = stay === undefined ? '' : ` Until then ${count(stay, 'record stays', 'records stay')}`
    return `settings have problems. ${fact(decision, 'problems')}${held}`.replace(/\.$/, '')
  },
}

function count(of: string | number | undefined, one: string, many: string): string {
  return `${of ?? 0} ${of === 1 ? one : many}`
}

function fact({ facts }: DiscoveryDecision, name: string): string {
  const value = facts[name]
  return value === undefined || value === '' ? `an unknown ${name}` : String(value)
}
