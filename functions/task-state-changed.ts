/** ECS Task State Change and changed tags, from a queue: lets tasks be found that can serve, and no others. */
import { connectDiscoveryPlaces } from '@capstan/aws/discovery/connect.ts'
import { defineQueueHandler } from '@capstan/aws/queue-handler.ts'
import { discoveryEvent } from '@capstan/core/discovery/events.ts'
import config from '../capstan.config.ts'

const places = connectDiscoveryPlaces({ config })

export const handler = defineQueueHandler(discoveryEvent, (messages, log, deadline) =>
  places.groups(messages, log, (discovery, own) => discovery.takeBatch(own, log, deadline)),
)
