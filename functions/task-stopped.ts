/** ECS Task State Change, STOPPED: counts the crashes of the service's present deployment. */
import { connectPlaces } from '@capstan/aws'
import { defineHandler } from '@capstan/aws/handler.ts'
import { decideDelivery } from '@capstan/core/delivery.ts'
import { taskStopped } from '@capstan/core/events.ts'
import config from '../capstan.config.ts'

const places = connectPlaces({ config })

export const handler = defineHandler(taskStopped, async (event, log) => {
  if (event.kind === 'ignored') return log.info(event.reason)
  await places.at(event, log, async (capstan) => {
    const observations = await capstan.observeIfKnown(event)
    await capstan.deliver(observations, decideDelivery, log)
  })
})
