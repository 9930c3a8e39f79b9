/** ECR Image Action (PUSH): deploys the image to every service that tracks its repository and chooses it. */
import { connectPlaces } from '@capstan/aws'
import { defineHandler } from '@capstan/aws/handler.ts'
import { decideDelivery } from '@capstan/core/delivery.ts'
import { imagePushed } from '@capstan/core/events.ts'
import config from '../capstan.config.ts'

const places = connectPlaces({ config })

export const handler = defineHandler(imagePushed, async (event, log) => {
  if (event.kind === 'ignored') return log.info(event.reason)
  if (event.tag === undefined) return log.info('An image without a tag is chosen by no policy.')
  await places.each(event, log, async (capstan) => {
    const observations = await capstan.observePush(event.repository, event)
    await capstan.deliver(observations, decideDelivery, log)
  })
})
