/** What home has for other places, where the config file names any: a bus that takes their events, and theirs alone. */
import type { Place } from '@capstan/core/places.ts'
import { sources } from '../functions/rules.ts'
import { hubBusName } from './places.ts'

export interface Hub {
  readonly bus: aws.cloudwatch.EventBus
  readonly places: readonly Place[]
}

/** Makes the bus with its policy. Nothing where there is no other place. */
export function createHub(places: readonly Place[]): Hub | undefined {
  if (places.length === 0) return undefined
  const bus = new aws.cloudwatch.EventBus('Hub', { name: hubBusName($app.name, $app.stage) })
  const { partition } = aws.getPartitionOutput()
  const accounts = [...new Set(places.map(({ account }) => account))]
  const { json: policy } = aws.iam.getPolicyDocumentOutput({
    statements: [
      {
        actions: ['events:PutEvents'],
        resources: [bus.arn],
        principals: [
          {
            type: 'AWS',
            identifiers: accounts.map((account) => $interpolate`arn:${partition}:iam::${account}:root`),
          },
        ],
        // Sources of AWS itself: nobody can put such an event but by a rule. The key has a value for each event that is put,
        // and none at all would be all of none (IAM User Guide, multivalued context keys).
        conditions: [
          { test: 'ForAllValues:StringEquals', variable: 'events:source', values: [...sources] },
          { test: 'Null', variable: 'events:source', values: ['false'] },
        ],
      },
    ],
  })
  new aws.cloudwatch.EventBusPolicy('HubPolicy', { eventBusName: bus.name, policy })
  return { bus, places }
}
