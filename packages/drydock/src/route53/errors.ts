/** The errors of Route 53, worded as the service words them. */
import * as route53 from '@aws-sdk/client-route-53'
import { AwsError } from '../wire/errors.ts'

export const invalidInput = (message: string) => new route53.InvalidInput({ message, $metadata: {} })

/** API Reference: 404 here, although a public GetHostedZone of another account answers so too. */
export const noSuchZone = (id: string) =>
  new route53.NoSuchHostedZone({ message: `No hosted zone found with ID: ${id}`, $metadata: {} })
export const noSuchHealthCheck = (id: string) =>
  new route53.NoSuchHealthCheck({
    message: `A health check with id ${id} does not exist.`,
    $metadata: {},
  })
export const noSuchChange = (id: string) =>
  new route53.NoSuchChange({ message: `A change with id ${id} does not exist.`, $metadata: {} })

/** All that is wrong with a batch is told at once. */
export const invalidBatch = (problems: readonly string[]) =>
  new route53.InvalidChangeBatch({ message: `[${problems.join(', ')}]`, $metadata: {} })

/** For what the service has and Drydock has not: it says that it cannot, rather than pretend. */
export const notImplemented = (what: string) =>
  new AwsError('NotImplementedException', `${what} not supported by Drydock.`, { status: 501 })
