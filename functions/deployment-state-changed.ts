/** ECS Deployment State Change: records what became of a deployment, and goes on with what came meanwhile. */
import { connect } from '@capstan/aws'
import { defineHandler } from '@capstan/aws/handler.ts'
import { decideDelivery } from '@capstan/core/delivery.ts'
import { deploymentStateChanged } from '@capstan/core/events.ts'
import config from '../capstan.config.ts'

const capstan = connect({ config })

export const handler = defineHandler(deploymentStateChanged, async (event, log) => {
  const observations = await capstan.observeIfKnown(event)
  await capstan.deliver(observations, decideDelivery, log)
})
