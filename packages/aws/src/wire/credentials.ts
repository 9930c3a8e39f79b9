/** Who calls AWS: what signs a request. */
import { Failure } from '@capstan/core/failure.ts'
import type { AwsCredentialIdentity } from '@smithy/types'

/** Called before each request; whoever makes them keeps what is still good. */
export type CredentialsProvider = () => Promise<AwsCredentialIdentity>

/**
 * Those of the process's environment: a function always has them
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html). Rejects with `Failure` INVALID_CONFIG without.
 */
export const environmentCredentials: CredentialsProvider = async () => {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
    const what = 'There are no credentials in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.'
    throw new Failure('INVALID_CONFIG', `${what} Set both.`)
  }
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
  }
}
