import { expect, test } from 'vitest'
import { parseEnvironment } from './environment.ts'

test('what a function is given', () => {
  const variables = {
    AWS_REGION: 'eu-west-1',
    AWS_LAMBDA_FUNCTION_NAME: 'capstan-image-pushed',
    CAPSTAN_LEDGER_TABLE: 'ledger',
    CAPSTAN_DEAD_LETTER_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/dead',
    CAPSTAN_DISCOVERY_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/tasks',
    PATH: '/usr/bin',
  }
  expect(parseEnvironment(variables)).toEqual({
    region: 'eu-west-1',
    ledgerTable: 'ledger',
    deadLetterQueueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/dead',
    discoveryQueueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/tasks',
    functionName: 'capstan-image-pushed',
  })
})

test('a variable set to nothing counts as not set', () => {
  const unset = { ledgerTable: 'capstan-ledger', functionName: 'capstan' }
  expect(parseEnvironment({ AWS_REGION: '', CAPSTAN_LEDGER_TABLE: '' })).toEqual(unset)
})

test.each([
  ['AWS_ENDPOINT_URL', 'localhost'],
  ['CAPSTAN_DEAD_LETTER_QUEUE_URL', 'dead-letters'],
  ['CAPSTAN_LEDGER_TABLE', 'x'],
  ['AWS_USE_FIPS_ENDPOINT', 'true'],
])('%s=%s is refused by name', (name, value) => {
  expect(() => parseEnvironment({ [name]: value })).toThrow(
    expect.objectContaining({ code: 'INVALID_CONFIG', message: expect.stringContaining(name) }),
  )
})
