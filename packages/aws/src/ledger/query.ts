/** All rows of one partition, as they are now: a Query reads strongly consistently, page by page. */

import type { QueryCommandInput, QueryCommandOutput } from '@aws-sdk/lib-dynamodb'
import type { Documents } from '../wire/documents.ts'

/** The rows of `pk` in the order of their sort keys; the last `latest` of them, backwards, where it is given. */
export async function queryRows<T>(
  client: Documents,
  TableName: string,
  pk: string,
  read: (row: unknown) => T,
  latest?: number,
): Promise<T[]> {
  const rows: T[] = []
  const asked = {
    TableName,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': pk },
    ConsistentRead: true,
    ScanIndexForward: latest === undefined,
    ...(latest && { Limit: latest }),
  }
  for await (const { Items = [] } of queryPages(client, asked)) {
    rows.push(...Items.map(read))
    if (latest !== undefined && rows.length >= latest) break
  }
  return rows.slice(0, latest)
}

/** The pages of a Query, each from where the one before ended. */
export async function* queryPages(
  client: Documents,
  asked: QueryCommandInput,
): AsyncGenerator<QueryCommandOutput> {
  for (let from: QueryCommandInput['ExclusiveStartKey']; ; ) {
    const page = await client.query({ ...asked, ...(from && { ExclusiveStartKey: from }) })
    yield page
    from = page.LastEvaluatedKey
    if (!from) return
  }
}
