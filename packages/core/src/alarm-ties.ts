/**
 * Which alarm is about which service: by the load balancer's or the service's dimensions, by name, by tag, or because a
 * composite alarm's children are. What cannot be followed (a cycle, a child that is gone) is told, and ties nothing.
 */
import { alarmNameOf, childrenOf } from './alarm-rule.ts'
import type { AlarmMetric, AlarmStateChanged } from './events.ts'
import type { AlarmTie } from './health.ts'
import { compileGlob } from './pattern.ts'
import { nameOf, parseServiceName } from './service-key.ts'
import type { ServiceKey } from './view.ts'

/** As much of an alarm as says what it is about. */
export interface PlainAlarm {
  readonly arn: string
  readonly name: string
  readonly metrics: readonly AlarmMetric[]
  /** The rule of a composite alarm. */
  readonly rule?: string
  /** Its tags, if they were asked for. */
  readonly tags?: Readonly<Record<string, string>>
}

/** What a service is known by to alarms. */
export interface AlarmKeys {
  readonly service: ServiceKey
  /** `targetgroup/name/id`, as dimensions have it. */
  readonly targetGroups: readonly string[]
  /** `app/name/id`, `net/name/id`. */
  readonly loadBalancers: readonly string[]
  /** Globs of `guard.alarms`. */
  readonly alarms: readonly string[]
}

export interface TiedAlarm<Alarm> {
  readonly alarm: Alarm
  readonly ties: readonly AlarmTie[]
}

/** A dimension as DescribeAlarms lists it. */
interface ListedDimension {
  readonly Name?: string | undefined
  readonly Value?: string | undefined
}

interface ListedMetric {
  readonly Namespace?: string | undefined
  readonly Dimensions?: readonly ListedDimension[] | undefined
}

/** A metric alarm or composite alarm as DescribeAlarms lists it (CloudWatch API reference). */
export interface ListedAlarm extends ListedMetric {
  readonly AlarmArn?: string | undefined
  readonly AlarmName?: string | undefined
  readonly Metrics?:
    | readonly { readonly MetricStat?: { readonly Metric?: ListedMetric | undefined } | undefined }[]
    | undefined
  readonly AlarmRule?: string | undefined
}

/** On an alarm: the service that it is about, as `cluster/service`. */
export const SERVICE_TAG = 'capstan:service'
/** More names than this are not kept for one service. */
const MOST_NAMES = 100

/** The plain form of an alarm: one metric of its own, or those of its metric math. */
export function plainAlarm(listed: ListedAlarm, tags?: Readonly<Record<string, string>>): PlainAlarm {
  const inMath = (listed.Metrics ?? []).flatMap(({ MetricStat }) => MetricStat?.Metric ?? [])
  const own = listed.Namespace === undefined ? [] : [listed]
  return {
    arn: listed.AlarmArn ?? '',
    name: listed.AlarmName ?? '',
    metrics: [...own, ...inMath].map(plainMetric),
    ...(listed.AlarmRule !== undefined && { rule: listed.AlarmRule }),
    ...(tags !== undefined && { tags }),
  }
}

/** `targetgroup/name/id` of a target group's ARN, `app/name/id` of a load balancer's: what dimensions name them by. */
export function dimensionOf(arn: string): string | undefined {
  return /^arn:[^:]+:elasticloadbalancing:[^:]*:[^:]*:(?:loadbalancer\/)?((?:targetgroup|app|net|gwy)\/[^/]+\/[^/]+)$/.exec(
    arn,
  )?.[1]
}

/** The alarms that are about the service, in the order given, and what is wrong with composite ones among all. */
export function tieAlarms<Alarm extends PlainAlarm>(
  alarms: readonly Alarm[],
  keys: AlarmKeys,
): { readonly tied: readonly TiedAlarm<Alarm>[]; readonly problems: readonly string[] } {
  const { parents, problems } = family(alarms)
  const matches = keys.alarms.map((glob) => compileGlob(flat(glob)))
  const direct = new Map(alarms.map((alarm) => [alarm.name, directTies(alarm, keys, matches)]))
  const begun = [...direct].flatMap(([name, ties]) => (ties.length > 0 ? [name] : []))
  const byChild = above(begun, parents)
  const tied = alarms.flatMap((alarm) => {
    const own = direct.get(alarm.name) ?? []
    const ties: AlarmTie[] = byChild.has(alarm.name) ? [...own, 'child'] : own
    return ties.length > 0 ? [{ alarm, ties }] : []
  })
  return { tied, problems }
}

/**
 * The keys that a service's record keeps, so that an alarm's event finds it: its dimensions, its name, and by name the
 * alarms that no dimension leads to.
 */
export function watchKeys(keys: AlarmKeys, tied: readonly TiedAlarm<PlainAlarm>[]): string[] {
  const named = tied.filter(({ ties }) => ties.some((tie) => ['config', 'tag', 'child'].includes(tie)))
  const names = named.slice(0, MOST_NAMES).map(({ alarm }) => `alarm:${alarm.name}`)
  return [...new Set([...keys.targetGroups, ...keys.loadBalancers, nameOf(keys.service), ...names])].sort()
}

/** The keys that an alarm's event may be watched by. A composite alarm's are its own name and its children's. */
export function keysOfAlarmEvent(event: Pick<AlarmStateChanged, 'name' | 'metrics' | 'rule'>): string[] {
  const children = event.rule === undefined ? [] : (childrenOf(event.rule) ?? [])
  const names = children.filter(({ negated }) => !negated).map(({ alarm }) => alarmNameOf(alarm))
  const keys = event.metrics.flatMap(({ dimensions }) => keyOfDimensions(dimensions)?.key ?? [])
  return [...new Set([...keys, ...[event.name, ...names].map((name) => `alarm:${name}`)])]
}

function plainMetric({ Namespace = '', Dimensions = [] }: ListedMetric): AlarmMetric {
  return {
    namespace: Namespace,
    dimensions: Object.fromEntries(Dimensions.map(({ Name = '', Value = '' }) => [Name, Value])),
  }
}

/** What one metric is about. A target group says more than the load balancer before it, which others may share. */
function keyOfDimensions(
  dimensions: AlarmMetric['dimensions'],
): { readonly key: string; readonly tie: AlarmTie } | undefined {
  const { TargetGroup, LoadBalancer, ClusterName, ServiceName } = dimensions
  if (TargetGroup !== undefined) return { key: TargetGroup, tie: 'target-group' }
  if (LoadBalancer !== undefined) return { key: LoadBalancer, tie: 'load-balancer' }
  if (ClusterName === undefined || ServiceName === undefined) return undefined
  return { key: `${ClusterName}/${ServiceName}`, tie: 'service' }
}

function directTies(
  alarm: PlainAlarm,
  keys: AlarmKeys,
  matches: readonly ((name: string) => boolean)[],
): AlarmTie[] {
  const own = [...keys.targetGroups, ...keys.loadBalancers, nameOf(keys.service)]
  const byMetric = alarm.metrics.flatMap(({ dimensions }) => {
    const found = keyOfDimensions(dimensions)
    return found !== undefined && own.includes(found.key) ? [found.tie] : []
  })
  const tagged = parseServiceName(alarm.tags?.[SERVICE_TAG]?.trim() ?? '')
  const isTagged = tagged !== undefined && nameOf(tagged) === nameOf(keys.service)
  const isNamed = matches.some((match) => match(flat(alarm.name)))
  return [
    ...new Set<AlarmTie>([
      ...byMetric,
      ...(isNamed ? ['config' as const] : []),
      ...(isTagged ? ['tag' as const] : []),
    ]),
  ]
}

// A glob's * stops at a slash, which in an alarm's name means nothing.
function flat(text: string): string {
  return text.replaceAll('/', ':')
}

/** For each alarm its composite parents, by name, and what is wrong with rules. */
function family(alarms: readonly PlainAlarm[]): { parents: Map<string, string[]>; problems: string[] } {
  const names = new Set(alarms.map(({ name }) => name))
  const parents = new Map<string, string[]>()
  const problems: string[] = []
  for (const { name, rule } of alarms) {
    if (rule === undefined) continue
    const children = childrenOf(rule)
    if (children === undefined) problems.push(`The rule of the composite alarm ${name} cannot be read.`)
    for (const child of new Set(
      children?.flatMap(({ alarm, negated }) => (negated ? [] : [alarmNameOf(alarm)])),
    )) {
      if (names.has(child)) parents.set(child, [...(parents.get(child) ?? []), name])
      else problems.push(`The composite alarm ${name} names ${child}, which is not there.`)
    }
  }
  return { parents, problems: [...problems, ...cycles(parents)] }
}

/** Every alarm above those that are begun with; each is looked at once, so a cycle ends too. */
function above(begun: readonly string[], parents: ReadonlyMap<string, readonly string[]>): Set<string> {
  const found = new Set<string>()
  const open = [...begun]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const parent of parents.get(name) ?? []) {
      if (!found.has(parent)) open.push(parent)
      found.add(parent)
    }
  }
  return found
}

/** A sentence for the alarms that lead back to themselves. */
function cycles(parents: ReadonlyMap<string, readonly string[]>): string[] {
  const composite = new Set([...parents.values()].flat())
  const round = [...composite].filter((name) => parents.has(name) && above([name], parents).has(name))
  if (round.length === 0) return []
  const shown = round.sort().slice(0, 5).join(', ')
  return [`The composite alarms ${shown} lead back to themselves; only what else they name counts.`]
}
