/** What the AWS SDK is told. It reads the usual AWS environment by itself; Drydock on this machine needs less than AWS. */

/** Settings for the clients of one place; empty where the environment says it all. */
export interface SdkConfig {
  readonly region?: string
  readonly endpoint?: string
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

type Environment = Readonly<Record<string, string | undefined>>

/** Settings for the engine at `endpoint`, which checks no credentials. */
export function engineConfig(endpoint: string): Required<SdkConfig> {
  const credentials = { accessKeyId: 'drydock', secretAccessKey: 'drydock' }
  return { region: 'us-east-1', endpoint, credentials }
}

/**
 * The variables that the SDK needs and `environment` lacks. AWS_DEFAULT_REGION, which the CLI and boto3 read and the
 * JavaScript SDK does not, counts as the region. For an endpoint on this machine a region and credentials are made up,
 * because Drydock checks neither; for AWS itself never.
 */
export function missingSettings(environment: Environment): Record<string, string> {
  const { AWS_ENDPOINT_URL: endpoint, AWS_REGION, AWS_DEFAULT_REGION } = environment
  const isLocal = endpoint !== undefined && isLoopback(endpoint)
  const region = AWS_DEFAULT_REGION ?? (isLocal ? 'us-east-1' : undefined)
  return {
    ...(!AWS_REGION && region && { AWS_REGION: region }),
    ...(isLocal && !hasCredentials(environment) && LOCAL_CREDENTIALS),
  }
}

/** Drydock takes any; without them the SDK sends nothing. */
export const LOCAL_CREDENTIALS = { AWS_ACCESS_KEY_ID: 'drydock', AWS_SECRET_ACCESS_KEY: 'drydock' }

const hasCredentials = (environment: Environment) =>
  Boolean(
    environment.AWS_ACCESS_KEY_ID ||
      environment.AWS_PROFILE ||
      environment.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI,
  )

function isLoopback(endpoint: string): boolean {
  if (!URL.canParse(endpoint)) return false
  const { hostname } = new URL(endpoint)
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
}
