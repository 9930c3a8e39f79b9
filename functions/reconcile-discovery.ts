/** Each minute: looks at every task that is to be found and every name, so that a lost event makes nothing but delay. */

import { keepNothing } from '@capstan/aws/dead-letter.ts'
import { connectDiscoveryPlaces } from '@capstan/aws/discovery/connect.ts'
import { defineHandler } from '@capstan/aws/handler.ts'
import { reconcileDue } from '@capstan/core/events.ts'
import config from '../capstan.config.ts'

const places = connectDiscoveryPlaces({ config })

export const handler = defineHandler(
  reconcileDue,
  (event, log) => places.at(event, log, (discovery) => discovery.sweep(log)),
  // The event says little, and the next one comes in a minute.
  { keep: keepNothing },
)
