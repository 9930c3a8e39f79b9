import { ConditionalCheckFailedException, TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import { RepositoryNotFoundException } from '@aws-sdk/client-ecr'
import {
  AccessDeniedException,
  ClientException,
  ClusterNotFoundException,
  ECSServiceException,
  InvalidParameterException,
  ServerException,
  ServiceNotActiveException,
} from '@aws-sdk/client-ecs'
import {
  InvalidChangeBatch,
  NoSuchHostedZone,
  PriorRequestNotComplete,
  ThrottlingException,
} from '@aws-sdk/client-route-53'
import {
  InstanceNotFound,
  RequestLimitExceeded,
  ResourceLimitExceeded,
  ServiceNotFound,
} from '@aws-sdk/client-servicediscovery'
import { Failure, type FailureCode, failures } from '@capstan/core/failure.ts'
import { expect, test } from 'vitest'
import { toFailure } from './sdk-error.ts'

const $metadata = {}
const message = 'told by the service'
const named = (name: string, status?: number) =>
  new ECSServiceException({
    name,
    message,
    $fault: 'client',
    $metadata: { ...(status && { httpStatusCode: status }) },
  })

const FAMILY_BUSY = 'Too many concurrent attempts to create a new revision of the specified family.'
const cancelled = (reasons: string) =>
  new TransactionCanceledException({ message: `Transaction cancelled [${reasons}]`, $metadata })

test.each<readonly [Error, FailureCode]>([
  [named('ThrottlingException', 400), 'UNAVAILABLE'],
  [named('TooManyRequestsException', 429), 'UNAVAILABLE'],
  [named('Anything', 503), 'UNAVAILABLE'],
  [new ServerException({ message, $metadata }), 'UNAVAILABLE'],
  [Object.assign(new Error('socket'), { name: 'TimeoutError' }), 'UNAVAILABLE'],
  [Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 'UNAVAILABLE'],
  [new AccessDeniedException({ message, $metadata }), 'DENIED'],
  [named('ExpiredTokenException', 403), 'DENIED'],
  [new ConditionalCheckFailedException({ message, $metadata }), 'CONFLICT'],
  [cancelled('None, ConditionalCheckFailed'), 'CONFLICT'],
  [cancelled('TransactionConflict'), 'CONFLICT'],
  [cancelled('ThrottlingError, None'), 'UNAVAILABLE'],
  [cancelled('ValidationError'), 'INVALID_REQUEST'],
  [new RepositoryNotFoundException({ message, $metadata }), 'NOT_FOUND'],
  [new ClusterNotFoundException({ message, $metadata }), 'NOT_FOUND'],
  [new ServiceNotActiveException({ message, $metadata }), 'NOT_FOUND'],
  [new InvalidParameterException({ message, $metadata }), 'INVALID_REQUEST'],
  [new ClientException({ message, $metadata }), 'INVALID_REQUEST'],
  [new ClientException({ message: FAMILY_BUSY, $metadata }), 'UNAVAILABLE'],
  [named('Throttling', 400), 'UNAVAILABLE'],
  [new ThrottlingException({ message, $metadata }), 'UNAVAILABLE'],
  [new PriorRequestNotComplete({ message, $metadata }), 'UNAVAILABLE'],
  [new RequestLimitExceeded({ message, Message: message, $metadata }), 'UNAVAILABLE'],
  [new NoSuchHostedZone({ message, $metadata }), 'NOT_FOUND'],
  [new ServiceNotFound({ message, Message: message, $metadata }), 'NOT_FOUND'],
  [new InstanceNotFound({ message, Message: message, $metadata }), 'NOT_FOUND'],
  [new InvalidChangeBatch({ message, $metadata }), 'INVALID_REQUEST'],
  [new ResourceLimitExceeded({ message, Message: message, $metadata }), 'INVALID_REQUEST'],
])('%s is %s', (error, code) => {
  const name = `UpdateService${failures[code].name}`
  expect(toFailure(error, 'ECS UpdateService')).toMatchObject({ name, code, cause: error })
})

test('a bug stays what it is', () => {
  const bug = new TypeError('undefined is not a function')
  expect(toFailure(bug, 'ECS UpdateService')).toBe(bug)
})

test('a Failure is not wrapped twice', () => {
  const failure = new Failure('CONFLICT', 'changed')
  expect(toFailure(failure, 'ECS UpdateService')).toBe(failure)
})

test('the message names the call and holds no tab or line break', () => {
  const error = new InvalidParameterException({ message: 'no\tsuch\nthing', $metadata })
  expect(toFailure(error, 'ECS UpdateService')).toMatchObject({
    message: 'ECS UpdateService failed: InvalidParameterException: no such thing',
  })
})
