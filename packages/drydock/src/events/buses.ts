/** Event buses: the default one, which is always there, and custom ones. */

import type * as client from '@aws-sdk/client-eventbridge'
import { ResourceAlreadyExistsException } from '@aws-sdk/client-eventbridge'
import { arnOf, parseArn } from '../arn.ts'
import { emptyRecord, type Scope } from '../service.ts'
import type { Handlers } from '../wire/handlers.ts'
import { violation } from '../wire/violation.ts'
import { invalid, limitExceeded, notFound } from './errors.ts'
import { requestedPage } from './page.ts'
import type { Bus, EventsContext, EventsOperationContext } from './state.ts'

/** EventBridge quotas: event buses in an account and region. */
const MOST_BUSES = 100
const NAME = /^[/.\-_A-Za-z0-9]{1,256}$/

export const busOperations = {
  CreateEventBus(
    { Name: name = '', Description: description, Tags = [], EventSourceName, ...rest },
    context,
  ) {
    if (!NAME.test(name))
      throw violation('name', name, 'Member must satisfy regular expression pattern: [/\\.\\-_A-Za-z0-9]+')
    if (EventSourceName) throw invalid('Partner event sources are not supported by this engine.')
    const [unsupported] = Object.entries(rest).find(([, value]) => value !== undefined) ?? []
    if (unsupported) throw invalid(`${unsupported} is not supported by this engine.`)
    defaultBus(context)
    const { buses } = context.state
    if (buses[name]) {
      throw new ResourceAlreadyExistsException({
        message: `Event bus ${name} already exists.`,
        $metadata: {},
      })
    }
    if (Object.keys(buses).length >= MOST_BUSES) throw limitExceeded()
    const bus = createBus(name, context, context.now)
    buses[name] = { ...bus, tags: Tags, ...(description && { description }) }
    return { EventBusArn: bus.arn, ...(description && { Description: description }) }
  },

  DescribeEventBus({ Name }, context) {
    return describe(findBus(Name, context))
  },

  ListEventBuses({ NamePrefix = '', Limit, NextToken }, context) {
    const buses = Object.values({ default: defaultBus(context), ...context.state.buses })
    const found = buses.filter(({ name }) => name.startsWith(NamePrefix))
    const { items, nextToken } = requestedPage(found, ({ name }) => name, { Limit, NextToken })
    return { EventBuses: items.map(describe), NextToken: nextToken }
  },

  DeleteEventBus({ Name }, context) {
    const name = busNameOf(Name)
    if (name === 'default') throw invalid('Cannot delete event bus default.')
    const bus = context.state.buses[name]
    if (bus && Object.keys(bus.rules).length)
      throw invalid(`Event bus ${name} can't be deleted since it has rules.`)
    delete context.state.buses[name]
  },
} satisfies Partial<Handlers<typeof client, EventsOperationContext>>

/** The bus of this name or ARN, the default one unless told. Throws ResourceNotFoundException. */
export function findBus(nameOrArn: string | undefined, context: EventsContext): Bus {
  const name = busNameOf(nameOrArn)
  const bus = name === 'default' ? defaultBus(context) : context.state.buses[name]
  const isElsewhere = nameOrArn?.startsWith('arn:') && bus?.arn !== nameOrArn
  if (!bus || isElsewhere) throw notFound(`Event bus ${isElsewhere ? nameOrArn : name} does not exist.`)
  return bus
}

/** Keeps the default bus in the state from its first use on: until then it is the same wherever one looks. */
function defaultBus(context: EventsContext): Bus {
  context.state.buses.default ??= createBus('default', context, context.now)
  return context.state.buses.default
}

/** The name of a bus that a request names by name or ARN. */
export function busNameOf(nameOrArn = 'default'): string {
  const arn = parseArn(nameOrArn)
  const name = /^event-bus\/(.+)$/.exec(arn?.resource ?? '')?.[1]
  return arn?.service === 'events' && name !== undefined ? name : nameOrArn
}

/** The ARN of an event bus in a scope. */
export const busArn = (name: string, scope: Scope) => arnOf('events', scope, `event-bus/${name}`)

function createBus(name: string, scope: Scope, now: number): Bus {
  return { name, arn: busArn(name, scope), createdAt: now, modifiedAt: now, tags: [], rules: emptyRecord() }
}

function describe({ name, arn, description, policy, createdAt, modifiedAt }: Bus) {
  return {
    Name: name,
    Arn: arn,
    ...(description && { Description: description }),
    ...(policy && { Policy: policy }),
    CreationTime: new Date(createdAt),
    LastModifiedTime: new Date(modifiedAt),
  }
}
