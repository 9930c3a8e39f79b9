/** All rows of one partition, as they are now: a Query reads strongly consistently, page by page. */
import { type DynamoDBDocumentClient, paginateQuery } from '@aws-sdk/lib-dynamodb'

/** The rows of `pk` in the order of their sort keys; the last `latest` of them, backwards, where it is given. */
export async function queryRows<T>(
  client: DynamoDBDocumentClient,
  TableName: string,
  pk: string,
  read: (row: unknown) => T,
  latest?: number,
): Promise<T[]> {
  const rows: T[] = []
  const pages = paginateQuery(
    { client, ...(latest && { pageSize: latest }) },
    {
      TableName,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': pk },
      ConsistentRead: true,
      ScanIndexForward: latest === undefined,
    },
  )
  for await (const { Items = [] } of pages) {
    rows.push(...Items.map(read))
    if (latest !== undefined && rows.length >= latest) break
  }
  return rows.slice(0, latest)
}
