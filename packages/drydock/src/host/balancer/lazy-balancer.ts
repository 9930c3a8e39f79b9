/** The data plane, loaded when it is first needed: its rules come with the client of Elastic Load Balancing. */
import type { IncomingMessage } from 'node:http'
import { DNS_SUFFIX } from '../../elb/dns-suffix.ts'
import type { DataPlaneEffect } from '../../elb/effects.ts'
import type { Mount } from '../http.ts'
import { lazy, lazyPerformers } from '../lazy.ts'
import type { Balancer, BalancerOptions } from './balancer.ts'

const KINDS = {
  'probe-target': true,
  listen: true,
  'end-connections': true,
  'publish-metrics': true,
} as const

/** A data plane that is there once it is needed. */
export interface LazyBalancer extends Omit<Balancer, 'door'> {
  readonly mount: Mount
}

export function lazyBalancer(options: BalancerOptions): LazyBalancer {
  let loaded: Balancer | undefined
  const load = lazy(async () => {
    const { createBalancer } = await import('./balancer.ts')
    loaded = createBalancer(options)
    return loaded
  })
  return {
    performers: lazyPerformers<DataPlaneEffect>(KINDS, async () => (await load()).performers),
    mount: {
      path: '',
      claims: isForLoadBalancer,
      listener: (request, reply) => {
        if (loaded) loaded.door.listener(request, reply)
        else
          load().then(
            ({ door }) => door.listener(request, reply),
            () => reply.destroy(),
          )
      },
      upgrade: (request, socket, head) => {
        load().then(
          ({ door }) => door.upgrade(request, socket, head),
          () => socket.destroy(),
        )
      },
    },
    close: async () => loaded?.close(),
  }
}

/** Whether a request's Host is a name of the kind that load balancers have. */
function isForLoadBalancer({ headers: { host = '' } }: IncomingMessage): boolean {
  return host.replace(/:\d+$/, '').toLowerCase().endsWith(DNS_SUFFIX)
}
