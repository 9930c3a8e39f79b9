/** Home: the whole of Capstan in an account and region, and what lets it into other places. */
import type { Place } from '@capstan/core/places.ts'
import { createAlarms } from './alarms.ts'
import { createDashboard } from './dashboard.ts'
import { createDoors } from './doors.ts'
import { createHub } from './hub.ts'
import { createLedger } from './ledger.ts'
import { createQueues } from './queues.ts'
import { createTriggers } from './triggers.ts'

/** Makes all of it; returns what a person is told at the end, in words that are variables of the command line where it has one. */
export function createHome(places: readonly Place[]): Record<string, $util.Output<string>> {
  const ledger = createLedger()
  const queues = createQueues()
  const hub = createHub(places)
  const doors = createDoors({ ledger, queues, places })
  createTriggers(doors, queues, hub)
  const topic = createAlarms(doors, queues)
  createDashboard(doors, queues)
  return {
    CAPSTAN_LEDGER_TABLE: ledger.name,
    CAPSTAN_DISCOVERY_QUEUE_URL: queues.discovery.url,
    CAPSTAN_DEAD_LETTER_QUEUE_URL: queues.deadLetters.url,
    alarms: topic.arn,
    ...(hub && { CAPSTAN_HUB_BUS: hub.bus.arn }),
  }
}
