/** What the AWS SDK is told: the usual AWS environment, or, with AWS_ENDPOINT_URL on this machine, Drydock. */

export interface SdkConfig {
  readonly region: string
  readonly endpoint?: string
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads the SDK's settings from `environment`. A loopback endpoint gets a region and credentials if none are set,
 * because Drydock checks neither; AWS itself never does.
 */
export function sdkConfig(environment: Environment): SdkConfig {
  const endpoint = environment.AWS_ENDPOINT_URL
  const region = environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION ?? 'us-east-1'
  if (!endpoint) return { region }
  return {
    region,
    endpoint,
    ...(isLoopback(endpoint) && !hasCredentials(environment) && { credentials: localCredentials }),
  }
}

/** Settings for the engine at `endpoint`. */
export function engineConfig(endpoint: string): Required<SdkConfig> {
  return { region: 'us-east-1', endpoint, credentials: localCredentials }
}

const localCredentials = { accessKeyId: 'drydock', secretAccessKey: 'drydock' }

const hasCredentials = (environment: Environment) =>
  Boolean(
    environment.AWS_ACCESS_KEY_ID ||
      environment.AWS_PROFILE ||
      environment.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI,
  )

function isLoopback(endpoint: string): boolean {
  const { hostname } = new URL(endpoint)
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
}
