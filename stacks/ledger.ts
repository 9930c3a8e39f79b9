/** The ledger's table: what Capstan did, why, and what is known to be good. */

/** Makes the table, which can be restored to any second of the last 35 days and in production is not deleted. */
export function createLedger(): sst.aws.Dynamo {
  return new sst.aws.Dynamo('Ledger', {
    fields: { pk: 'string', sk: 'string' },
    primaryIndex: { hashKey: 'pk', rangeKey: 'sk' },
    ttl: 'expiresAt',
    deletionProtection: $app.stage === 'production',
    transform: { table: { pointInTimeRecovery: { enabled: true } } },
  })
}
