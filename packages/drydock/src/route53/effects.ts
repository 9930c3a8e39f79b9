/** What Route 53 asks of the host, and what the host reports back. Pure data. */

/** One look at the endpoint of a health check, with all that it needs. */
export interface EndpointProbe {
  readonly healthCheckId: string
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP'
  /** An IP address; absent where `domain` is to be resolved. */
  readonly address?: string
  /** The name to resolve, and the Host header of HTTP. */
  readonly domain?: string
  readonly port: number
  readonly path: string
  /** Must be in the first 5,120 bytes of the body. */
  readonly searchString?: string
}

/** Ask an endpoint whether it is well. Always answered by `endpoint-answered`. */
export type Route53Effect = { readonly kind: 'probe-endpoint' } & EndpointProbe

export type Route53Report = {
  readonly kind: 'endpoint-answered'
  readonly healthCheckId: string
  readonly isSuccess: boolean
  /** As GetHealthCheckStatus says it: `Success: HTTP Status Code 200, OK`. */
  readonly text: string
}
