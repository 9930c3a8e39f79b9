/**
 * The events that Capstan sends to the bus itself, so that people and programs hear of what it did and why. Each is sent
 * at least once; `decision` is the same whenever one is sent again. docs/events.md shows one of each.
 */
import './english.ts'
import * as z from 'zod/mini'
import { number, text } from './plain.ts'

const image = z.object({ repository: text, digest: text, tag: z.exactOptional(text) })

const told = {
  /** The images that the event is about, by container. */
  images: z.record(text, image),
  /** The reason of the decision, as the ledger has it. */
  reason: text,
  /** What was done and why, in one sentence. */
  sentence: text,
  /** What the decision rests on. */
  facts: z.record(text, z.union([text, number])),
  /** The decision's id in the ledger: the same whenever the event is sent again. */
  decision: text.check(z.minLength(1)),
  /** When it was decided, in ms since the epoch. */
  at: number,
  /** The place that it is about, as the config file calls it; absent at home. */
  place: z.exactOptional(text),
}

const aboutService = z.object({
  source: z.literal('capstan'),
  'detail-type': z.enum([
    'Capstan Deployment Started',
    'Capstan Deployment Completed',
    'Capstan Deployment Failed',
    'Capstan Deployment Verified',
    'Capstan Deployment Rolled Back',
    'Capstan Deployment Held',
  ]),
  detail: z.object({
    service: z.object({ cluster: text, service: text, arn: z.exactOptional(text) }),
    /** Capstan's id of the deployment; absent where the event is about none. */
    deployment: z.exactOptional(text),
    ...told,
  }),
})

/** Many services are in alarm at once, so nothing is rolled back: told once, for all of them. */
const aboutFleet = z.object({
  source: z.literal('capstan'),
  'detail-type': z.literal('Capstan Held'),
  detail: z.object({ scope: z.literal('fleet'), ...told }),
})

/** An event of Capstan's own, as it comes from the bus. Properties that are not known are left alone. */
export const ownEvent = z.discriminatedUnion('detail-type', [aboutService, aboutFleet])

export type OwnEvent = z.infer<typeof ownEvent>
/** What an event about one service says. */
export type OwnEventDetail = z.infer<typeof aboutService>['detail']
/** What an event about all services says. */
export type FleetEventDetail = z.infer<typeof aboutFleet>['detail']
