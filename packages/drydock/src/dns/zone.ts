/**
 * A zone as answering sees it, whatever stands behind it. Names are in lower case with a dot at the end and unusual
 * characters as `\ooo`, so that a question finds its records by one look into a map.
 */
import type { Answer as PacketAnswer } from 'dns-packet'

/** A record of a packet without its name and time to live: these depend on the question. */
export type RecordBody = PacketAnswer extends infer A
  ? A extends { data: unknown }
    ? Pick<A, ('type' & keyof A) | 'data'>
    : never
  : never

/** A record of an answer. */
export interface ResourceRecord {
  /** In the form of packets. */
  readonly name: string
  /** In seconds. */
  readonly ttl: number
  readonly body: RecordBody
}

/** A record set, and how it is chosen among those of its name and type. */
export interface RecordSet {
  readonly type: string
  /** In seconds. */
  readonly ttl: number
  readonly bodies: readonly RecordBody[]
  readonly routing: 'simple' | 'multivalue' | 'weighted' | 'failover' | 'latency'
  /** From 0 to 255, where the routing is by weight. */
  readonly weight: number
  /** For failover: whether it is the one for good days. */
  readonly isPrimary: boolean
  /** For latency. */
  readonly region: string
  /** Where an alias leads, instead of records of its own. */
  readonly alias?: string
  /** Looked at for each answer; absent where nothing is checked. */
  readonly isHealthy?: () => boolean
}

/** The record sets of one name by their type. */
export type Node = ReadonlyMap<string, readonly RecordSet[]>

export interface Zone {
  readonly name: string
  /** What stands at a name: undefined where the name does not exist, an empty map where only names below it do. */
  find(name: string): Node | undefined
}

/** Finds the zone that a name is in: the one with the longest name. */
export type FindZone = (name: string) => Zone | undefined
