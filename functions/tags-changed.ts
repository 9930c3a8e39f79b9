/** Tag Change on Resource, of an ECS service: takes over at once what its tags now ask for. */
import { connect } from '@capstan/aws'
import { defineHandler } from '@capstan/aws/handler.ts'
import { decideDelivery } from '@capstan/core/delivery.ts'
import { tagsChanged } from '@capstan/core/events.ts'
import config from '../capstan.config.ts'

const capstan = connect({ config })

export const handler = defineHandler(tagsChanged, async (event, log) => {
  if (event.kind === 'ignored') return log.info(event.reason)
  const observations = await capstan.observeIfKnown(event)
  await capstan.deliver(observations, decideDelivery, log)
})
