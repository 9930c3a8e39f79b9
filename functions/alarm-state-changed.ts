/** CloudWatch Alarm State Change: judges the services that the alarm is about, and rolls back what is to blame. */
import { connectPlaces } from '@capstan/aws'
import { defineHandler } from '@capstan/aws/handler.ts'
import { decideDelivery } from '@capstan/core/delivery.ts'
import { alarmStateChanged } from '@capstan/core/events.ts'
import config from '../capstan.config.ts'

const places = connectPlaces({ config })

export const handler = defineHandler(alarmStateChanged, (event, log) =>
  places.at(event, log, async (capstan) => {
    const { note, observations } = await capstan.observeAlarm(event)
    if (note !== undefined) log.info(note)
    await capstan.deliver(observations, decideDelivery, log)
  }),
)
