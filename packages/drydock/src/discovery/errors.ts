/** The errors of Cloud Map. Their text is `Message`; the base class wants it as `message` too. */
import * as client from '@aws-sdk/client-servicediscovery'
import { AwsError } from '../wire/errors.ts'
import type { NamespaceRecord, OperationRecord, ServiceRecord } from './state.ts'

const say = (message: string) => ({ message, Message: message, $metadata: {} })

export const invalid = (message: string) => new client.InvalidInput(say(message))
export const namespaceNotFound = (id: string) =>
  new client.NamespaceNotFound(say(`The namespace ${id} can't be found.`))
export const serviceNotFound = (id: string) =>
  new client.ServiceNotFound(say(`The service ${id} can't be found.`))
export const instanceNotFound = (id: string) =>
  new client.InstanceNotFound(say(`The instance ${id} can't be found.`))
export const operationNotFound = (id: string) =>
  new client.OperationNotFound(say(`The operation ${id} can't be found.`))
export const resourceNotFound = (arn: string) =>
  new client.ResourceNotFoundException(say(`The resource ${arn} can't be found.`))
export const inUse = (message: string) => new client.ResourceInUse(say(message))
export const limitExceeded = (message: string) => new client.ResourceLimitExceeded(say(message))
export const customHealthNotFound = (id: string) =>
  new client.CustomHealthNotFound(say(`The service of instance ${id} has no custom health check.`))
export const tooManyTags = (arn: string) =>
  new client.TooManyTagsException({ ...say(`${arn} would have more than 50 tags.`), ResourceName: arn })
export const tooManyAttributes = () =>
  new client.ServiceAttributesLimitExceededException(say('A service can have at most 30 attributes.'))

export const duplicateRequest = ({ id }: OperationRecord) =>
  new client.DuplicateRequest({
    ...say(`The operation ${id} is already in progress.`),
    DuplicateOperationId: id,
  })

export const namespaceExists = ({ id, name, creatorRequestId }: NamespaceRecord) =>
  new client.NamespaceAlreadyExists({
    ...say(`The namespace ${name} already exists.`),
    NamespaceId: id,
    CreatorRequestId: creatorRequestId,
  })

export const serviceExists = ({ id, arn, name, creatorRequestId }: ServiceRecord) =>
  new client.ServiceAlreadyExists({
    ...say(`The service ${name} already exists.`),
    ServiceId: id,
    ServiceArn: arn,
    CreatorRequestId: creatorRequestId,
  })

/** For what Cloud Map has and Drydock has not. */
export const notImplemented = (what: string) =>
  new AwsError('NotImplementedException', `${what} is not supported by Drydock.`, { status: 501 })
