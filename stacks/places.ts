/** Which places there are besides home, and what a stage is: home, or the spoke of one of them. */
import { type Place, placeOf, readPlaces, strangePlace } from '@capstan/core/places.ts'
import config from '../capstan.config.ts'

/** Where home is, as a spoke knows it: by the bus that it forwards events to. */
export interface Home {
  readonly stage: string
  readonly account: string
  readonly region: string
  readonly busArn: string
}

/** A stage that makes no more of a place than what home needs to deliver there. */
export interface Spoke {
  readonly place: Place
  readonly home: Home
}

/** The places of the config file, in which no mistake is left (config.ts). */
export const configuredPlaces = (): readonly Place[] => readPlaces(config.places).places

/** The name of home's bus for the events of other places. */
export const hubBusName = (app: string, stage: string): string => `${app}-${stage}-hub`

/** What `CAPSTAN_HUB_BUS` says: the ARN of home's bus. */
const BUS = /^arn:aws[a-z-]*:events:(?<region>[a-z0-9-]+):(?<account>\d{12}):event-bus\/(?<name>.+)$/

/**
 * The spoke that a stage is: `production-spoke-eu` is that of the place `eu` for the home `production`. Nothing where it is a home.
 * Throws where the name and the bus do not belong together: a home would be made in a place, or a spoke be taken for one.
 */
export function spokeOf(
  app: string,
  stage: string,
  places: readonly Place[],
  busArn: string | undefined,
): Spoke | undefined {
  const [, homeStage = '', name = ''] = /^(.+?)-spoke-(.+)$/.exec(stage) ?? []
  if (!name && !busArn) return undefined
  if (!name)
    throw new Error(
      `CAPSTAN_HUB_BUS is set, so the stage is a spoke: name it ${stage}-spoke-PLACE, or unset it.`,
    )
  const { region = '', account = '', name: bus } = BUS.exec(busArn ?? '')?.groups ?? {}
  if (!busArn || bus !== hubBusName(app, homeStage))
    throw new Error(`Set CAPSTAN_HUB_BUS to the ARN that deploying the stage ${homeStage} has printed.`)
  const place = placeOf(places, { place: name })
  if (!place) throw new Error(strangePlace(places, { place: name }))
  return { place, home: { stage: homeStage, account, region, busArn } }
}
