import { Logger } from '@aws-lambda-powertools/logger'
import middy from '@middy/core'
import { expect, test } from 'vitest'
import { correlation } from './correlation.ts'

const message = (messageId: string, body: unknown) => ({ messageId, body: JSON.stringify(body) })

test.each([
  ['an event', { id: 'e-1', 'detail-type': 'ECR Image Action' }, 'e-1'],
  ['a sweep', { id: 'e-1', 'detail-type': 'Scheduled Event' }, 'r-1'],
  ['an event of nobody', 'hello', 'r-1'],
  ['an event without an id', { id: 7 }, 'r-1'],
  ['a batch', { Records: [message('m-1', { id: 'e-1' }), message('m-2', { id: 'e-2' })] }, 'e-1 e-2'],
  ['a batch with messages of no event', { Records: [{ messageId: 'm-1', body: 'hello' }, 7] }, 'm-1 '],
  ['an empty batch', { Records: [] }, 'r-1'],
])('%s is told by its id', async (_name, event, expected) => {
  const log = new Logger({ logLevel: 'SILENT' })
  const handler = middy()
    .use(correlation(log))
    .handler(async () => log.getCorrelationId())
  expect(await Reflect.apply(handler, undefined, [event, { awsRequestId: 'r-1' }])).toBe(expected)
})
