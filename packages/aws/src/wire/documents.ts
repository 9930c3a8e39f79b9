/** DynamoDB with rows as plain values: what the SDK's document client does for the seven operations of the ledger. */
import type {
  BatchGetCommandInput,
  BatchGetCommandOutput,
  DeleteCommandInput,
  DeleteCommandOutput,
  GetCommandInput,
  GetCommandOutput,
  PutCommandInput,
  PutCommandOutput,
  QueryCommandInput,
  QueryCommandOutput,
  TransactWriteCommandInput,
  TransactWriteCommandOutput,
  UpdateCommandInput,
  UpdateCommandOutput,
} from '@aws-sdk/lib-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'

/** The ledger's table, and whatever other table an operation names. Rejects with `Failure` for what was foreseen. */
export interface Documents {
  get(input: GetCommandInput): Promise<GetCommandOutput>
  put(input: PutCommandInput): Promise<PutCommandOutput>
  update(input: UpdateCommandInput): Promise<UpdateCommandOutput>
  delete(input: DeleteCommandInput): Promise<DeleteCommandOutput>
  query(input: QueryCommandInput): Promise<QueryCommandOutput>
  batchGet(input: BatchGetCommandInput): Promise<BatchGetCommandOutput>
  transactWrite(input: TransactWriteCommandInput): Promise<TransactWriteCommandOutput>
}

/** Documents by way of `call`, which knows attribute values only; each row that goes out is as `placed` makes it. */
export function documentsOf(
  call: (operation: string, input: object) => Promise<object>,
  placed: (row: Row) => Row = (row) => row,
): Documents {
  const toWire = (input: object) =>
    converted(input, (row) => marshall(placed(row), { removeUndefinedValues: true })) as object
  const ask = async <Output>(operation: string, input: object) =>
    fromWire(await call(operation, toWire(input))) as Output
  return {
    get: (input) => ask('GetItem', input),
    put: (input) => ask('PutItem', input),
    update: (input) => ask('UpdateItem', input),
    delete: (input) => ask('DeleteItem', input),
    query: (input) => ask('Query', input),
    batchGet: (input) => ask('BatchGetItem', input),
    transactWrite: (input) => ask('TransactWriteItems', input),
  }
}

/** Members that are rows, or parts of one (DynamoDB API reference: these seven operations). */
const ROWS = new Set([
  'Item',
  'Attributes',
  'Key',
  'LastEvaluatedKey',
  'ExclusiveStartKey',
  'ExpressionAttributeValues',
])
/** Members that are lists of rows. */
const LISTS_OF_ROWS = new Set(['Items', 'Keys'])
/** Lists of rows, by table. */
const ROWS_BY_TABLE = 'Responses'

/** A row, a part of one, or the values of an expression. */
export type Row = Record<string, unknown>

const fromWire = (output: unknown): unknown => converted(output, rowOf)

/** A row as it came over the wire: what an answer says, and an error that carries one. */
export const rowOf = (wire: Row): Row => unmarshall(wire as Parameters<typeof unmarshall>[0])

/** `value` with each row in it converted; rows are found by the names of members, however deep these are. */
function converted(value: unknown, convert: (row: Row) => Row): unknown {
  if (Array.isArray(value)) return value.map((each) => converted(each, convert))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]: [string, unknown]) => {
      if (member === undefined) return [name, member]
      if (ROWS.has(name)) return [name, convert(member as Row)]
      if (LISTS_OF_ROWS.has(name)) return [name, (member as Row[]).map(convert)]
      if (name === ROWS_BY_TABLE) return [name, listsByTable(member as Record<string, Row[]>, convert)]
      return [name, converted(member, convert)]
    }),
  )
}

const listsByTable = (tables: Record<string, Row[]>, convert: (row: Row) => Row) =>
  Object.fromEntries(Object.entries(tables).map(([table, rows]) => [table, rows.map(convert)]))
