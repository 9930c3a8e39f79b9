/** Each minute: looks at every service as if all its events had come now, so that a lost one makes nothing but delay. */
import { connectPlaces } from '@capstan/aws'
import { keepNothing } from '@capstan/aws/dead-letter.ts'
import { defineHandler } from '@capstan/aws/handler.ts'
import { valuesOf } from '@capstan/aws/parallel.ts'
import { decideDelivery } from '@capstan/core/delivery.ts'
import { reconcileDue } from '@capstan/core/events.ts'
import config from '../capstan.config.ts'

const places = connectPlaces({ config })

export const handler = defineHandler(
  reconcileDue,
  (event, log) =>
    places.at(event, log, async (capstan) => {
      // Mistakes that belong to no service have no ledger to be told in.
      for (const { sentence } of capstan.config.problems) log.warn(sentence)
      const observations = await capstan.observeAll()
      const tidied = capstan.tidy(observations).then(({ alarms }) => {
        for (const name of alarms.foreign)
          log.warn(`The alarm ${name} is not Capstan's; it is left as it is.`)
      })
      valuesOf(await Promise.allSettled([capstan.deliver(observations, decideDelivery, log), tidied]))
    }),
  // The event says little, and the next one comes in a minute.
  { keep: keepNothing },
)
