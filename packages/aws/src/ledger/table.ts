/** The ledger's one DynamoDB table, as data: its definition, and where each kind of row is kept in it. */
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb'
import type { SourceKey, Target } from '@capstan/core/discovery/view.ts'
import { nameOf } from '@capstan/core/service-key.ts'
import type { ServiceKey } from '@capstan/core/view.ts'

/**
 * What CreateTable takes besides the table's name, and what infrastructure code repeats. `expiresAt` (epoch seconds)
 * is the attribute of DynamoDB's time to live, which CreateTable does not take: see `timeToLive`.
 */
export const tableDefinition = {
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
} satisfies Omit<CreateTableCommandInput, 'TableName'>

/** What UpdateTimeToLive takes besides the table's name. */
export const timeToLive = { Enabled: true, AttributeName: 'expiresAt' } as const

/** The row's place in the table. */
export interface RowKey {
  readonly pk: string
  readonly sk: string
}

/** All services are in one partition, and the freezes with them: a push and the sweep read both with one Query. */
export const SERVICE_PARTITION = 'SERVICE'

/** Where a service's record is. */
export const serviceRow = (key: ServiceKey): RowKey => ({ pk: SERVICE_PARTITION, sk: nameOf(key) })
/** Where a deployment is: its id sorts by time, so a partition read backwards is the latest first. */
export const deploymentRow = (key: ServiceKey, id: string): RowKey => ({
  pk: deploymentPartition(key),
  sk: id,
})
export const deploymentPartition = (key: ServiceKey): string => `DEPLOYMENT#${nameOf(key)}`
/** Where a decision is; sorted as deployments are. */
export const decisionRow = (key: ServiceKey, id: string): RowKey => ({ pk: decisionPartition(key), sk: id })
export const decisionPartition = (key: ServiceKey): string => `DECISION#${nameOf(key)}`

/** Stands for all services, or all of a cluster, in decisions that are about no single one; no ECS name holds a star. */
export const FLEET = '*'
/** What the place of a freeze begins with, among the services: no ECS name holds a hash. */
export const FREEZE_PREFIX = 'FREEZE#'
/** Where a freeze is. */
export const freezeRow = (id: string): RowKey => ({ pk: SERVICE_PARTITION, sk: `${FREEZE_PREFIX}${id}` })
/** Where the snapshot of a service's task definition is. */
export const snapshotRow = (key: ServiceKey, taskDefinitionArn: string): RowKey => ({
  pk: `SNAPSHOT#${nameOf(key)}`,
  sk: taskDefinitionArn,
})

/** All events that are not sent yet are in one partition: one Query finds them, whatever service they tell of. */
export const OUTBOX_PARTITION = 'OUTBOX'
export const outboxRow = (id: string): RowKey => ({ pk: OUTBOX_PARTITION, sk: id })
/** When a correlated outage was last seen, and told of. */
export const OUTAGE_ROW: RowKey = { pk: 'OUTAGE', sk: 'latest' }

/** The tasks of one source are in one partition: publishing it reads them with one Query. */
export const taskPartition = ({ cluster, group }: SourceKey): string => `TASK#${cluster}/${group}`
export const taskRow = (source: SourceKey, id: string): RowKey => ({ pk: taskPartition(source), sk: id })
/** All sources of discovery are in one partition, as the services are. */
export const SOURCE_PARTITION = 'SOURCE'
export const sourceRow = ({ cluster, group }: SourceKey): RowKey => ({
  pk: SOURCE_PARTITION,
  sk: `${cluster}/${group}`,
})
/** Under which service the decisions about the source of a row are: families stand beside services, as `family:worker`. */
export function serviceOfSource({ sk }: RowKey): ServiceKey {
  const [cluster = '', group = ''] = sk.split('/')
  return { cluster, service: group.replace(/^service:/, '') }
}
/** All names that discovery keeps are in one partition: the sweep and `discovery list` read them all. */
export const NAME_PARTITION = 'NAME'
export const nameRow = (target: Target): RowKey => ({ pk: NAME_PARTITION, sk: targetText(target) })
/** Who writes in a hosted zone or a Cloud Map service, and what is left to do there. */
export const placeRow = (placeId: string): RowKey => ({ pk: `PLACE#${placeId}`, sk: 'writer' })

/** A target as rows name it. No name of DNS or of Cloud Map holds a space (CreateHttpNamespace, CreateService: patterns). */
export function targetText(target: Target): string {
  return target.kind === 'dns' ? `dns ${target.name}` : `cloud-map ${target.namespace} ${target.service}`
}
