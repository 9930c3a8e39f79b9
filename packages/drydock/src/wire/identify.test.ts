import { expect, test } from 'vitest'
import { services } from '../services.ts'
import { type Identifiable, identify } from './identify.ts'

const load = async () => undefined
/** Two services of one signing name, told apart by version, as ELB has them. */
const table = {
  ...services,
  classic: { signingName: 'elasticloadbalancing', version: '2012-06-01', load },
}

const request = (path: string, headers: Identifiable['headers'] = {}, form?: string): Identifiable => ({
  url: new URL(path, 'http://localhost'),
  headers,
  ...(form !== undefined && { form: new URLSearchParams(form) }),
})
const json = (version: string, target: string) => ({
  'content-type': `application/x-amz-json-${version}`,
  'x-amz-target': target,
})

test.each<[string, Identifiable, string | undefined, object]>([
  [
    'a target',
    request('/', json('1.1', 'AWSEvents.PutEvents')),
    'events',
    { candidates: ['events'], protocol: 'awsJson1_1', operation: 'PutEvents' },
  ],
  [
    "a target, unsigned, at a queue's path",
    request('/1/q', json('1.0', 'AmazonSQS.SendMessage')),
    undefined,
    { candidates: ['sqs'], protocol: 'awsJson1_0', operation: 'SendMessage' },
  ],
  [
    'an unknown target',
    request('/', json('1.1', 'Nope.X')),
    'ecs',
    { candidates: [], protocol: 'awsJson1_1', operation: 'X' },
  ],
  [
    'CBOR',
    request('/service/AWSEvents/operation/PutEvents', { 'smithy-protocol': 'rpc-v2-cbor' }),
    undefined,
    { candidates: ['events'], protocol: 'rpcv2Cbor', operation: 'PutEvents' },
  ],
  [
    'a signed action',
    request('/', {}, 'Action=GetCallerIdentity&Version=2011-06-15'),
    'sts',
    { candidates: ['sts'], protocol: 'awsQuery', operation: 'GetCallerIdentity' },
  ],
  [
    'an unsigned action',
    request('/', {}, 'Action=ListQueues&Version=2012-11-05'),
    undefined,
    { candidates: ['sqs'], protocol: 'awsQuery', operation: 'ListQueues' },
  ],
  [
    'an action of one version',
    request('/', {}, 'Action=X&Version=2015-12-01'),
    'elasticloadbalancing',
    { candidates: ['elb'], protocol: 'awsQuery', operation: 'X' },
  ],
  [
    'an action without a version',
    request('/', {}, 'Action=X'),
    'elasticloadbalancing',
    { candidates: ['elb', 'classic'], protocol: 'awsQuery', operation: 'X' },
  ],
  [
    'a service that does not speak query',
    request('/', {}, 'Action=X&Version=1'),
    'ecs',
    { candidates: [], protocol: 'awsQuery', operation: 'X' },
  ],
  ['a signed path', request('/2015-03-31/functions'), 'lambda', { candidates: ['lambda'] }],
  ['an unsigned path', request('/2015-03-31/functions'), undefined, { candidates: ['lambda'] }],
  ['a path of another service', request('/2015-03-31/functions'), 'apigateway', { candidates: [] }],
  ['nothing at all', request('/'), undefined, { candidates: [] }],
])('%s says which service is meant', (_label, given, signingName, identified) => {
  expect(identify(table, given, signingName)).toEqual(identified)
})
