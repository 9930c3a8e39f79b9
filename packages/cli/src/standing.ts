/** How a service stands, in few words for a list and in full for one service: pure, from what was observed. */
import { formatDuration } from '@capstan/core/duration.ts'
import { describeImage } from '@capstan/core/facts.ts'
import { shortDigest } from '@capstan/core/image.ts'
import type { ActiveFreeze, DeliveryView, GoodState, Pause, ServiceRecord } from '@capstan/core/view.ts'
import { formatAge } from './format.ts'

/**
 * The words of a list's STATE column, most pressing first; `now` in milliseconds.
 *
 * | word             | when                                                          |
 * | ---------------- | ------------------------------------------------------------- |
 * | rolling back     | a rollback is under way                                       |
 * | deploying        | a deployment of Capstan's is under way                        |
 * | trouble (reason) | something is wrong that is not rolled back, for that reason   |
 * | settings wrong   | they cannot be read, so nothing is deployed                   |
 * | paused           | a person paused it                                            |
 * | frozen           | a freeze holds for it                                         |
 * | held (reason)    | nothing goes out by itself until something newer comes        |
 * | baking 3m/10m    | its deployment completed, and is watched before it is verified |
 * | verified         | what runs is the last known good                              |
 * | quarantine 1     | so many digests are not deployed again by themselves          |
 */
export function standingOf({ record, freezes = [], service, settings }: DeliveryView, now: number): string {
  const quarantined = Object.keys(record?.quarantine ?? {}).length
  const words = [
    flightOf(record),
    record?.trouble && `trouble (${record.trouble.reason})`,
    settings.problems.length > 0 && 'settings wrong',
    record?.pause && 'paused',
    freezes.length > 0 && 'frozen',
    record?.hold && `held (${record.hold.reason})`,
    progressOf(record, service.primary.id, settings.guard.bakeMs, now),
    quarantined > 0 && `quarantine ${quarantined}`,
  ]
  return words.filter(Boolean).join(', ') || '-'
}

function flightOf(record: ServiceRecord | undefined): string | undefined {
  if (!record?.inFlight) return undefined
  return record.inFlight.rollback ? 'rolling back' : 'deploying'
}

function progressOf(
  record: ServiceRecord | undefined,
  primaryId: string,
  bakeMs: number,
  now: number,
): string | undefined {
  const { bake, inFlight } = record ?? {}
  if (!bake || inFlight || bake.primaryId !== primaryId) return undefined
  if (bake.verifiedAt !== undefined) return 'verified'
  const done = Math.min(Math.max(now - bake.since, 0), bakeMs)
  return `baking ${formatDuration(Math.floor(done / 1000) * 1000)}/${formatDuration(bakeMs)}`
}

/** What `service show` tells of the guard: a name and its lines, nothing where there is nothing to tell. */
export function guardLines(view: DeliveryView, now: number): [string, string][] {
  const { freezes = [], record, settings } = view
  const { bakeMs, mode, watchMs } = settings.guard
  const lines: [string, readonly string[]][] = [
    ['State', [standingOf(view, now)]],
    ['Guard', [`${mode}: bake ${formatDuration(bakeMs)}, watch ${formatDuration(watchMs)}`]],
    ['Known good', (record?.good ?? []).map((good) => describeGood(good, record?.quarantine ?? {}, now))],
    [
      'Trouble',
      record?.trouble ? [`${record.trouble.note} (for ${formatAge(record.trouble.since, now)})`] : [],
    ],
    ['Held', record?.hold ? [record.hold.note] : []],
    [
      'Quarantine',
      Object.entries(record?.quarantine ?? {}).map(([digest, why]) => `${shortDigest(digest)}: ${why}`),
    ],
    ['Paused', record?.pause ? [describePause(record.pause, now)] : []],
    ['Frozen', freezes.map(describeFreeze)],
    ['Warning', record?.warnings ?? []],
  ]
  return lines.flatMap(([name, texts]) =>
    texts.length ? [[name, texts.join('\n')] as [string, string]] : [],
  )
}

function describeGood(
  { images, verifiedAt, evidence }: GoodState,
  quarantine: ServiceRecord['quarantine'],
  now: number,
): string {
  const names = Object.values(images).map((image) => `${image.repository} ${describeImage(image)}`)
  const why = evidence.length ? `: ${evidence.join('; ')}` : ''
  const isSetAside = Object.values(images).some(({ digest }) => quarantine[digest] !== undefined)
  const since = isSetAside ? ' ago, in quarantine since' : ' ago'
  return `${names.join(', ')}, verified ${formatAge(verifiedAt, now)}${since}${why}`
}

function describePause({ by, reason, at }: Pause, now: number): string {
  return `by ${by}, ${formatAge(at, now)} ago: ${reason}`
}

/** A freeze that holds now, as people read it. */
function describeFreeze({ id, scope, reason, by, until }: ActiveFreeze): string {
  const end = until === undefined ? 'until it is removed' : `until ${new Date(until).toISOString()}`
  return `${id} (${scope}) by ${by}, ${end}: ${reason}`
}
