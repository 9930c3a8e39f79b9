import { GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts'
import { expect, test } from 'vitest'
import { testEngine } from '../testing.ts'

test('a caller is the root user of the default account', async () => {
  await using drydock = await testEngine()
  const { Account, Arn, UserId } = await new STSClient(drydock.config).send(new GetCallerIdentityCommand())
  expect({ Account, Arn, UserId }).toEqual({
    Account: '123456789012',
    Arn: 'arn:aws:iam::123456789012:root',
    UserId: '123456789012',
  })
})

test('an access key of 12 digits is the account', async () => {
  await using drydock = await testEngine()
  const credentials = { accessKeyId: '210987654321', secretAccessKey: 'x' }
  const client = new STSClient({ ...drydock.config, credentials })
  await expect(client.send(new GetCallerIdentityCommand())).resolves.toMatchObject({
    Account: '210987654321',
  })
})

test('an operation that is not there says so with status 501, which no client retries', async () => {
  await using drydock = await testEngine()
  const call = new STSClient(drydock.config).send(new GetSessionTokenCommand())
  await expect(call).rejects.toMatchObject({
    name: 'NotImplementedException',
    $metadata: { httpStatusCode: 501 },
  })
})
