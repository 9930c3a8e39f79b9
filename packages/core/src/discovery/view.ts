/**
 * What discovery decisions rest on, as plain data: which tasks there are, where they are to be found, what the ledger says
 * that Capstan has written, and what is really there. Times in milliseconds since the epoch, TTLs in seconds.
 */

/** A group of tasks that are found by the same names, as ECS calls it: `service:web`, or `family:worker` of no service. */
export interface SourceKey {
  readonly cluster: string
  readonly group: string
}

/** Where tasks are found: a DNS name of a hosted zone, or a service of a Cloud Map namespace. */
export type Target =
  | { readonly kind: 'dns'; readonly name: string }
  | { readonly kind: 'cloud-map'; readonly namespace: string; readonly service: string }

/** The types of records that tasks are given. */
export type RecordType = 'A' | 'AAAA' | 'SRV'

/** Which writes are allowed: all; all but deletions; only new records. */
export type WritePolicy = 'sync' | 'upsert-only' | 'create-only'

/** How the tasks of one source are found at one target. */
export interface Publication {
  readonly target: Target
  /** Of a DNS name, at least one. A Cloud Map service has its own: then this says which addresses instances are given. */
  readonly types: readonly RecordType[]
  /** Which IPv4 address is told, if any. */
  readonly address: 'private' | 'public'
  /** In seconds; of a DNS name. */
  readonly ttl: number
  /** For SRV records and instances: a port of the task, of one container where it is named. */
  readonly port?: { readonly container?: string; readonly port: number }
  /** Whether each task has a name of its own as well, `<task id>.<name>`. SRV records imply it. */
  readonly perTask: boolean
  readonly policy: WritePolicy
  /** Whether a TXT record at `_capstan.<name>` says whose the name is. */
  readonly txt: boolean
  /** The hosted zone's id, where it is not to be found by the name's longest suffix. */
  readonly zone?: string
}

/** What a source asks of discovery, with everything that is wrong with it. */
export interface DiscoverySettings {
  readonly source: SourceKey
  /** Where the settings come from; `none`: the source asks for nothing. */
  readonly from: 'config' | 'tags' | 'none'
  readonly publications: readonly Publication[]
  /** Sentences: what is wrong, because of what, what to write instead. What is wrong is left out of `publications`. */
  readonly problems: readonly string[]
}

export interface TaskAddresses {
  readonly private?: string
  readonly public?: string
  readonly ipv6?: string
}

/** A port of a container, where the host gives it another number. */
export interface TaskPort {
  readonly container: string
  readonly port: number
  readonly hostPort: number
}

/** A task as one event or one look showed it. */
export interface SeenTask {
  /** The last part of its ARN. */
  readonly id: string
  readonly arn: string
  readonly source: SourceKey
  /** Grows with every change that ECS makes to the task (`version`). */
  readonly version: number
  readonly taskDefinitionArn: string
  readonly desired: 'RUNNING' | 'STOPPED'
  /** ECS's `lastStatus`. */
  readonly last: string
  readonly health: 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN'
  /** Of its network interface, which knows its public address. */
  readonly interfaceId?: string
  /** Of the container instance that it runs on, where it has no interface of its own. */
  readonly containerInstanceArn?: string
  readonly addresses: TaskAddresses
  readonly ports: readonly TaskPort[]
  readonly startedAt?: number
}

/** A task as the ledger keeps it: the newest that was seen, with every address that was ever learnt. */
export interface KnownTask extends SeenTask {
  /** Whether an essential container has a health check: then UNKNOWN means that it is not healthy yet. */
  readonly isChecked: boolean
  readonly seenAt: number
}

/** What the target groups of its service say of a task, the worst of them. */
export type TargetState = 'healthy' | 'initial' | 'unhealthy' | 'leaving' | 'absent'

/** A task that may be found, and how its service's load balancers find it; `undefined` where nothing checks it. */
export interface PublishedTask extends KnownTask {
  readonly target?: TargetState
}

/** The tasks of one source at one target. */
export interface NameSource {
  readonly source: SourceKey
  readonly publication: Publication
  readonly tasks: readonly PublishedTask[]
}

/** Where the records of a target are kept, or why nowhere. */
export type Place =
  | { readonly kind: 'zone'; readonly id: string; readonly name: string; readonly isPrivate: boolean }
  | { readonly kind: 'cloud-map'; readonly id: string; readonly types: readonly string[] }
  | { readonly kind: 'none'; readonly reason: PlaceProblem; readonly note: string }

export type PlaceProblem =
  | 'no-zone' // no hosted zone of the account has a name that the target's ends with
  | 'no-namespace' // Cloud Map has no such namespace
  | 'no-discovery-service' // the namespace has no such service

/**
 * One record set of a zone, or one instance of a Cloud Map service (type INSTANCE: its name is the instance's id, its
 * values are attributes as `KEY=value`, sorted).
 */
export interface DiscoveryRecord {
  /** Lower case, without the last dot. */
  readonly name: string
  /** Ours are A, AAAA, SRV, TXT and INSTANCE; others' may be anything. */
  readonly type: string
  /** Of a multivalue record set; absent for a simple one. */
  readonly setIdentifier?: string
  /** In seconds; absent for an instance. */
  readonly ttl?: number
  /** As Route 53 writes them, in its order. */
  readonly values: readonly string[]
}

/** A record set as it is in the zone. */
export interface ActualRecord extends DiscoveryRecord {
  /** Absent for one of another routing policy than simple and multivalue, and for an alias: those cannot be taken over. */
  readonly isPlain: boolean
}

/** A record that is Capstan's, as the ledger keeps it. */
export interface OwnedRecord extends DiscoveryRecord {
  /** The task behind it; none for TXT, and for what was adopted and is not named for one. */
  readonly task?: string
  /** `intended` and `leaving`: a write was begun and its end is not known. */
  readonly state: 'intended' | 'written' | 'leaving'
}

/** What the ledger keeps of one target. */
export interface NameRecord {
  readonly target: Target
  /** Grows with every write. */
  readonly version: number
  /** Of the hosted zone or Cloud Map service where the records are; absent where there is none. */
  readonly placeId?: string
  /** Whose tasks are found there. */
  readonly sources: readonly SourceKey[]
  readonly owned: readonly OwnedRecord[]
  /** What was told last of what is left undone: the same is not told again. */
  readonly told?: string
  /** Something hinders writes, so what is really there is read before the next one. */
  readonly isHindered?: boolean
  /** When somebody looks again, because tasks are not ready yet. */
  readonly lookAt?: number
}

/** All that a decision about one target rests on. */
export interface NameView {
  readonly target: Target
  readonly place: Place
  readonly sources: readonly NameSource[]
  /** Sentences about settings that cannot be followed, by source. */
  readonly problems: readonly string[]
  /** Sources with such settings of which nothing is known that could hold: what is theirs stays. */
  readonly unclear?: readonly SourceKey[]
  readonly record?: NameRecord
  /** What is really there at the target's names; absent where it was not read: then the ledger is believed. */
  readonly actual?: readonly ActualRecord[]
  /** Whether an operator asks for what others have written there. */
  readonly adopts?: boolean
}
