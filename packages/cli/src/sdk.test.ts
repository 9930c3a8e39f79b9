import { expect, test } from 'vitest'
import { missingSettings } from './sdk.ts'

const credentials = { AWS_ACCESS_KEY_ID: 'drydock', AWS_SECRET_ACCESS_KEY: 'drydock' }

test.each<[string, Record<string, string>, object]>([
  ['nothing is made up for AWS itself', {}, {}],
  ['a region that is set stays', { AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'us-west-2' }, {}],
  ['the default region counts', { AWS_DEFAULT_REGION: 'us-west-2' }, { AWS_REGION: 'us-west-2' }],
  [
    'an engine on this machine needs no settings',
    { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' },
    { AWS_REGION: 'us-east-1', ...credentials },
  ],
  [
    'credentials that are there are used',
    { AWS_ENDPOINT_URL: 'http://localhost:4566', AWS_ACCESS_KEY_ID: 'x', AWS_REGION: 'eu-north-1' },
    {},
  ],
  [
    'another machine gets no credentials that we made up',
    { AWS_ENDPOINT_URL: 'http://engine.example:4566' },
    {},
  ],
  ['an endpoint that is no URL is left to the SDK to refuse', { AWS_ENDPOINT_URL: 'localhost:4566' }, {}],
])('%s', (_, environment, expected) => {
  expect(missingSettings(environment)).toEqual(expected)
})
