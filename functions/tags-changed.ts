/** Tag Change on Resource, of an ECS service: takes over at once what its tags now ask for. */
import { connectPlaces } from '@capstan/aws'
import { defineHandler } from '@capstan/aws/handler.ts'
import { decideDelivery } from '@capstan/core/delivery.ts'
import { tagsChanged } from '@capstan/core/events.ts'
import config from '../capstan.config.ts'

const places = connectPlaces({ config })

export const handler = defineHandler(tagsChanged, async (event, log) => {
  if (event.kind === 'ignored') return log.info(event.reason)
  await places.at(event, log, async (capstan) => {
    const observations = await capstan.observeIfKnown(event)
    await capstan.deliver(observations, decideDelivery, log)
  })
})
