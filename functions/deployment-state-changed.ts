/** ECS Deployment State Change: records what became of a deployment, and goes on with what came meanwhile. */
import { connectPlaces } from '@capstan/aws'
import { defineHandler } from '@capstan/aws/handler.ts'
import { decideDelivery } from '@capstan/core/delivery.ts'
import { deploymentStateChanged } from '@capstan/core/events.ts'
import config from '../capstan.config.ts'

const places = connectPlaces({ config })

export const handler = defineHandler(deploymentStateChanged, (event, log) =>
  places.at(event, log, async (capstan) => {
    const observations = await capstan.observeIfKnown(event)
    await capstan.deliver(observations, decideDelivery, log)
  }),
)
