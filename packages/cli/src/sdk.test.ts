import { expect, test } from 'vitest'
import { sdkConfig } from './sdk.ts'

const local = { accessKeyId: 'drydock', secretAccessKey: 'drydock' }

test.each<[string, Record<string, string>, object]>([
  ['AWS itself gets nothing of ours', {}, { region: 'us-east-1' }],
  ['the region is the environment’s', { AWS_REGION: 'eu-west-1' }, { region: 'eu-west-1' }],
  [
    'an engine on this machine needs no credentials',
    { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' },
    { region: 'us-east-1', endpoint: 'http://127.0.0.1:4566', credentials: local },
  ],
  [
    'credentials that are there are used',
    { AWS_ENDPOINT_URL: 'http://localhost:4566', AWS_ACCESS_KEY_ID: 'x', AWS_DEFAULT_REGION: 'eu-north-1' },
    { region: 'eu-north-1', endpoint: 'http://localhost:4566' },
  ],
  [
    'another machine gets no credentials that we made up',
    { AWS_ENDPOINT_URL: 'http://engine.example:4566' },
    { region: 'us-east-1', endpoint: 'http://engine.example:4566' },
  ],
])('%s', (_, environment, expected) => {
  expect(sdkConfig(environment)).toEqual(expected)
})
