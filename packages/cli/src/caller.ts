/** In whose name the operator's verbs call AWS, and from which region: as the AWS CLI finds both. */
import { defaultProvider } from '@aws-sdk/credential-provider-node'
import type { CallerOptions } from '@capstan/aws/clients.ts'
import { loadConfig, NODE_REGION_CONFIG_FILE_OPTIONS, NODE_REGION_CONFIG_OPTIONS } from '@smithy/core/config'

/**
 * Credentials of the environment, of a profile, of SSO, of a container or an instance; and the region of the profile
 * where the environment names none (https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html).
 */
export const operatorsCaller: CallerOptions = {
  credentials: defaultProvider(),
  findRegion: loadConfig(NODE_REGION_CONFIG_OPTIONS, NODE_REGION_CONFIG_FILE_OPTIONS),
}
