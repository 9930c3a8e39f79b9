/** `capstan service …`: what runs, why, what would be done, and deploying by hand. */
import { decideDelivery } from '@capstan/core/delivery.ts'
import { explain } from '@capstan/core/explain.ts'
import { formatPolicy } from '@capstan/core/policy.ts'
import { nameOf } from '@capstan/core/service-key.ts'
import type { DeliveryView } from '@capstan/core/view.ts'
import { Command } from 'commander'
import { formatImage, formatTable } from '../format.ts'
import { connectOperator, parseService, viewFleet, viewOf } from '../operator.ts'
import { PLACE_OPTION, placeColumn, type Where } from '../place.ts'
import { standingOf } from '../standing.ts'
import { serviceDeployCommand } from './service-deploy.ts'
import { interventionCommands } from './service-interventions.ts'
import { serviceRollbackCommand } from './service-rollback.ts'
import { serviceShowCommand } from './service-show.ts'

interface ListOptions extends Where {
  readonly json?: boolean
  readonly all?: boolean
}

export function serviceCommand(): Command {
  const command = new Command('service')
    .description('ECS services that Capstan delivers to')
    .addCommand(
      new Command('list')
        .description('every enrolled service: what it runs, what it tracks, and what is decided for it')
        .option('--all', 'services that are enrolled no more, too')
        .option('--config <file>', "the fleet's settings")
        .option(...PLACE_OPTION)
        .option('--json', 'print as JSON')
        .action(list),
    )
    .addCommand(serviceShowCommand())
    .addCommand(
      new Command('plan')
        .description('what would be done now, and why; does nothing')
        .argument('[service]', 'CLUSTER/SERVICE; every enrolled service if left out')
        .option('--config <file>', "the fleet's settings")
        .option(...PLACE_OPTION)
        .option('--json', 'print as JSON')
        .action(plan),
    )
    .addCommand(serviceDeployCommand())
    .addCommand(serviceRollbackCommand())
  for (const intervention of interventionCommands()) command.addCommand(intervention)
  return command
}

async function list(options: ListOptions): Promise<void> {
  const { json, all } = options
  const capstan = await connectOperator(options)
  const place = placeColumn(options, capstan.config.places)
  const views = (await viewFleet(capstan)).filter(({ settings }) => all || settings.enrolled)
  const now = Date.now()
  const rows = views.map((view) => ({ view, sentences: decideDelivery(view, now).map(explain) }))
  if (json)
    return console.log(
      JSON.stringify(
        rows.map(({ view, sentences }) => ({ ...place.field, ...summaryOf(view, now), sentences })),
      ),
    )
  if (!rows.length) return console.log(NOT_ONE)
  console.log(
    formatTable(
      [...place.head, 'SERVICE', 'RUNS', 'TRACKS', 'STATE', 'DECISION'],
      rows.map(({ view, sentences }) => [
        ...place.row,
        nameOf(view.service),
        runsOf(view).join('\n'),
        tracksOf(view).join('\n'),
        standingOf(view, now),
        sentences.join('\n'),
      ]),
    ),
  )
}

const NOT_ONE =
  'No service is enrolled. Tag one with capstan:track, such as capstan:track=semver:1.x, or name it in capstan.config.ts.'

async function plan(name: string | undefined, options: ListOptions): Promise<void> {
  const { json } = options
  const capstan = await connectOperator(options)
  const views = name
    ? [viewOf(await capstan.observeService(parseService(name)))]
    : (await viewFleet(capstan)).filter(({ settings }) => settings.enrolled)
  const decisions = views.flatMap((view) => decideDelivery(view, Date.now()))
  if (json) return console.log(JSON.stringify(decisions.map((one) => ({ ...one, sentence: explain(one) }))))
  if (!decisions.length) return console.log(NOT_ONE)
  for (const decision of decisions) console.log(explain(decision))
}

/** A service as the lists show it; `now` in milliseconds. */
export function summaryOf(view: DeliveryView, now: number) {
  const { freezes = [], record, service, settings } = view
  const { cluster, service: name, arn, desiredCount, primary, containers } = service
  return {
    cluster,
    service: name,
    arn,
    desiredCount,
    primary,
    containers: containers.map(({ name: container, image }) => ({ container, image: image.text })),
    state: standingOf(view, now),
    settings,
    freezes,
    record: record ?? null,
  }
}

/** The images of the containers, shown by tag where the ledger knows it. */
export function runsOf({ service, record }: DeliveryView): string[] {
  return service.containers.map(({ name, image }) => {
    const known = record?.known?.images[name]
    return known && known.digest === image.digest ? formatImage(known) : formatReference(image)
  })
}

function formatReference({
  repository,
  tag,
  digest,
}: {
  repository: string
  tag?: string
  digest?: string
}): string {
  if (digest) return formatImage({ repository, digest, ...(tag && { tag }) })
  return `${repository}:${tag ?? 'latest'}`
}

/** What is tracked, a line for each container. */
export function tracksOf({ settings }: DeliveryView): string[] {
  return settings.tracks.map(({ container, policy }) => `${container}: ${formatPolicy(policy)}`)
}
