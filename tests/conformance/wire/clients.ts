/** The client packages that prove the wire, with a model of each in which every operation has a handler. */
import { operations, type ServiceModel } from '@capstan/drydock/wire/model.ts'

/** All seven protocols, and every service that an ECS application is likely to meet. */
export const clients = {
  ecs: () => import('@aws-sdk/client-ecs'),
  ecr: () => import('@aws-sdk/client-ecr'),
  elbv2: () => import('@aws-sdk/client-elastic-load-balancing-v2'),
  cloudwatch: () => import('@aws-sdk/client-cloudwatch'),
  events: () => import('@aws-sdk/client-eventbridge'),
  servicediscovery: () => import('@aws-sdk/client-servicediscovery'),
  route53: () => import('@aws-sdk/client-route-53'),
  dynamodb: () => import('@aws-sdk/client-dynamodb'),
  sts: () => import('@aws-sdk/client-sts'),
  sns: () => import('@aws-sdk/client-sns'),
  sqs: () => import('@aws-sdk/client-sqs'),
  lambda: () => import('@aws-sdk/client-lambda'),
  ssm: () => import('@aws-sdk/client-ssm'),
  logs: () => import('@aws-sdk/client-cloudwatch-logs'),
  iam: () => import('@aws-sdk/client-iam'),
  ec2: () => import('@aws-sdk/client-ec2'),
} as const satisfies Record<string, () => Promise<object>>

export type ClientName = keyof typeof clients
export const clientNames = Object.keys(clients) as ClientName[]

/** Any client, as far as these tests call it. */
export interface AnyClient {
  send(command: object): Promise<Record<string, unknown>>
  destroy(): void
}

/** A client package with the names of its operations. */
export interface ClientPackage {
  readonly name: ClientName
  readonly model: ServiceModel
  readonly operationNames: readonly string[]
  connect(config: object): AnyClient
  command(operation: string, input: unknown): object
}

/** Loads a client package and makes a model of it whose operations all have a handler (which the tests stand in for). */
export async function loadPackage(name: ClientName): Promise<ClientPackage> {
  const module: Record<string, unknown> = { ...(await clients[name]()) }
  const operationNames = Object.values(module).flatMap((schema) =>
    Array.isArray(schema) && schema[0] === 9 ? [String(schema[2])] : [],
  )
  const handlers = Object.fromEntries(operationNames.map((operation) => [operation, () => undefined]))
  const clientKey = Object.keys(module).find((key) => /^[A-Z]\w*Client$/.test(key))
  return {
    name,
    model: operations<typeof module, unknown>(module, handlers),
    operationNames,
    connect: (config) => construct(module, clientKey ?? '', config) as AnyClient,
    command: (operation, input) => construct(module, `${operation}Command`, input),
  }
}

function construct(module: Record<string, unknown>, key: string, argument: unknown): object {
  const exported = module[key]
  if (typeof exported !== 'function') throw new Error(`The package has no ${key}`)
  return Reflect.construct(exported, [argument])
}
