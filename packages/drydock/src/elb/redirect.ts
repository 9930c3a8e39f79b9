/** Where a redirect action sends a client. */
import type { RedirectActionConfig } from '@aws-sdk/client-elastic-load-balancing-v2'
import { pathOf, queryOf } from './route.ts'

/** The parts of the address that the client called. */
export interface Called {
  readonly protocol: 'http' | 'https'
  readonly host: string
  readonly port: number
  readonly url: string
}

/** The Location header. API Reference, RedirectActionConfig: keywords stand for the parts of the original address. */
export function locationOf(config: RedirectActionConfig, called: Called): string {
  const parts: Record<string, string> = {
    protocol: called.protocol,
    host: called.host.replace(/:\d+$/, ''),
    port: String(called.port),
    path: pathOf(called.url).replace(/^\//, ''),
    query: queryOf(called.url),
  }
  const fill = (text: string) => text.replaceAll(/#\{(\w+)\}/g, (whole, name: string) => parts[name] ?? whole)
  const { Protocol = '#{protocol}', Port = '#{port}', Host = '#{host}', Path = '/#{path}' } = config
  const query = fill(config.Query ?? '#{query}')
  const path = fill(Path)
  return `${fill(Protocol).toLowerCase()}://${fill(Host)}:${fill(Port)}${path}${query && `?${query}`}`
}
