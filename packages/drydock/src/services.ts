/**
 * The one table of services. An entry says how a request for the service is recognised before its client package is
 * loaded, because a client costs 50 ms and 10 MB (EC2's 200 ms and 80 MB): a service is loaded when it is first needed.
 */

import type { Scope } from './service.ts'

/** How a service is found and loaded. */
export const services = {
  ecs: {
    signingName: 'ecs',
    target: 'AmazonEC2ContainerServiceV20141113',
    load: async () => (await import('./ecs/index.ts')).ecs,
  },
  ecr: {
    signingName: 'ecr',
    target: 'AmazonEC2ContainerRegistry_V20150921',
    maxBodyBytes: 32 * 1024 * 1024,
    load: async () => (await import('./ecr/index.ts')).ecr,
  },
  ec2: {
    signingName: 'ec2',
    version: '2016-11-15',
    load: async () => (await import('./ec2/index.ts')).ec2,
  },
  elb: {
    signingName: 'elasticloadbalancing',
    version: '2015-12-01',
    load: async () => (await import('./elb/index.ts')).elb,
  },
  events: {
    signingName: 'events',
    target: 'AWSEvents',
    load: async () => (await import('./events/index.ts')).events,
  },
  lambda: {
    signingName: 'lambda',
    paths: /^\/20\d\d-\d\d-\d\d\//,
    maxBodyBytes: 70 * 1024 * 1024,
    load: async () => (await import('./lambda/index.ts')).lambda,
  },
  route53: {
    signingName: 'route53',
    paths: /^\/2013-04-01\//,
    homeRegion: 'us-east-1',
    load: async () => (await import('./route53/index.ts')).route53,
  },
  sqs: {
    signingName: 'sqs',
    target: 'AmazonSQS',
    version: '2012-11-05',
    load: async () => (await import('./sqs/index.ts')).sqs,
  },
  cloudwatch: {
    signingName: 'monitoring',
    target: 'GraniteServiceVersion20100801',
    version: '2010-08-01',
    load: async () => (await import('./cloudwatch/index.ts')).cloudwatch,
  },
  logs: {
    signingName: 'logs',
    target: 'Logs_20140328',
    load: async () => (await import('./logs/index.ts')).logs,
  },
  discovery: {
    signingName: 'servicediscovery',
    target: 'Route53AutoNaming_v20170314',
    load: async () => (await import('./discovery/index.ts')).discovery,
  },
  iam: {
    signingName: 'iam',
    version: '2010-05-08',
    homeRegion: 'us-east-1',
    load: async () => (await import('./iam/index.ts')).iam,
  },
  sts: {
    signingName: 'sts',
    version: '2011-06-15',
    homeRegion: 'us-east-1',
    load: async () => (await import('./sts/index.ts')).sts,
  },
} as const satisfies Record<string, ServiceEntry>

export interface ServiceEntry {
  /** The service part of a signature's credential scope. */
  readonly signingName: string
  /** The prefix of X-Amz-Target, for the JSON protocols. */
  readonly target?: string
  /** The API version that query requests name. */
  readonly version?: string
  /** The paths of a REST service, where a request is not signed. */
  readonly paths?: RegExp
  /** The largest request body, where it is more than the gateway's 16 MiB: Lambda takes zip files, ECR parts of layers. */
  readonly maxBodyBytes?: number
  /** Where a service that has no regions keeps its state, whichever region a request is signed for. */
  readonly homeRegion?: string
  readonly load: () => Promise<unknown>
}

/** The scope that a service keeps state in for callers of a scope. */
export function homeScope(name: ServiceName, { accountId, region }: Scope): Scope {
  const { homeRegion = region }: ServiceEntry = services[name]
  return { accountId, region: homeRegion }
}

export type ServiceName = keyof typeof services
export type LoadedService<N extends ServiceName> = Awaited<ReturnType<(typeof services)[N]['load']>>
/** What a service's `receive` takes. */
export type ReportOf<N extends ServiceName> =
  LoadedService<N> extends { receive: (report: infer R, ...rest: never[]) => void } ? R : never
/** A service's state in one scope. */
export type StateOf<N extends ServiceName> = ReturnType<LoadedService<N>['emptyState']>
