/**
 * Five thousand tasks start and half of them are replaced, while their events come doubled and in any order and Route 53
 * takes no more requests than it would: the zone ends exactly right, and nothing that is someone else's is touched.
 */
import type { ResourceRecordSet } from '@aws-sdk/client-route-53'
import { expect, test } from 'vitest'
import {
  type Crowd,
  createService,
  gather,
  lineOf,
  messagesIn,
  nameOf,
  recordSetOf,
  recordSets,
  sweep,
  tasksOf,
  wantedLines,
} from './crowd.ts'
import { Detour, settle } from './detour.ts'
import { countDoorCalls, type DoorCalls } from './door-calls.ts'

/** Route 53 takes no more record sets of one name and type (Developer Guide, quotas). */
const QUOTA = 100
const SMALL = { services: 50, tasks: 97 }
const LARGE = { name: 'large', tasks: 150 }
/** So many events are shuffled with each other. */
const WINDOW = 2000
const ALL = SMALL.services * SMALL.tasks + LARGE.tasks
const names = Array.from({ length: SMALL.services }, (_, index) => `small-${index}`)
const services = [...names, LARGE.name]
/** Half of all tasks are those of half of the services, and half of the large one's. */
const replaced = names.slice(0, SMALL.services / 2)

/** How the calls are named that change records. */
const WRITING = 'route53 POST /hostedzone/rrset'

/** A record beside those of tasks, one at a name of nobody, and one below a name. */
const FOREIGN: readonly ResourceRecordSet[] = [
  { ...recordSetOf('small-0', 'by-hand'), ResourceRecords: [{ Value: '192.0.2.1' }] },
  { Name: 'www.example.com', Type: 'CNAME', TTL: 300, ResourceRecords: [{ Value: 'small-1.example.com' }] },
  { Name: 'note.small-2.example.com', Type: 'TXT', TTL: 60, ResourceRecords: [{ Value: '"by hand"' }] },
]

/** The zone has what is someone else's, one record set for each task, and of too many tasks as many as there may be. */
async function expectExact(crowd: Crowd): Promise<void> {
  const lines = (await recordSets(crowd)).map(lineOf).sort()
  const isLarge = (line: string) => line.startsWith(`${nameOf(LARGE.name)} `)
  const wanted = (await Promise.all(names.map((service) => wantedLines(crowd, service)))).flat()
  expect(wanted).toHaveLength(SMALL.services * SMALL.tasks)
  expect(lines.filter((line) => !isLarge(line))).toEqual([...FOREIGN.map(lineOf), ...wanted].sort())
  const large = lines.filter(isLarge)
  const serving = new Set(await wantedLines(crowd, LARGE.name))
  expect(serving.size).toBe(LARGE.tasks)
  expect(new Set(large).size).toBe(QUOTA)
  expect(large.filter((line) => !serving.has(line))).toEqual([])
}

function report(crowd: Crowd, calls: DoorCalls, { counts: { events, messages } }: Detour): string {
  const counts = calls.counts()
  const perEvent = (prefix: string) =>
    counts.filter(({ name }) => name.startsWith(prefix)).reduce((sum, each) => sum + each.calls, 0) / events
  const route53 = calls.usageOf('route53')
  return [
    `${ALL} tasks, ${events} events in ${messages} messages, ${crowd.invocations()} invocations`,
    ...counts.map(({ name, calls: n, refused }) => `  ${n} ${name}${refused ? ` (${refused} refused)` : ''}`),
    `  for each event: ${perEvent('dynamodb').toFixed(2)} calls of DynamoDB, ${perEvent('ecs').toFixed(3)} of ECS`,
    `  Route 53 refused ${route53.refused} of ${route53.calls}, at most ${route53.longestRow} in a row, for ${route53.longestMs.toFixed(0)} ms`,
  ].join('\n')
}

test('five thousand tasks start and half of them are replaced: the zone ends exactly right', async () => {
  using calls = countDoorCalls()
  const crowd = await gather({ route53Rate: { perSecond: 10, burst: 50 } })
  await crowd.route53.changeResourceRecordSets({
    HostedZoneId: crowd.zoneId,
    ChangeBatch: { Changes: FOREIGN.map((set) => ({ Action: 'CREATE', ResourceRecordSet: set })) },
  })
  const detour = new Detour(crowd, WINDOW)
  for (const name of names) await createService(crowd, name, SMALL.tasks)
  await createService(crowd, LARGE.name, LARGE.tasks)
  await settle(crowd, detour, services)
  await expectExact(crowd)

  for (const service of replaced) await crowd.ecs.updateService({ service, forceNewDeployment: true })
  for (const { taskArn: task } of (await tasksOf(crowd, LARGE.name)).slice(0, LARGE.tasks / 2))
    await crowd.ecs.stopTask({ task })
  await settle(crowd, detour, services)
  await expectExact(crowd)
  const { calls: all, longestRow, refused } = calls.usageOf('route53')
  console.log(report(crowd, calls, detour))
  // New services are looked at all at once, which is more than Route 53 takes: whoever is refused is taken soon.
  expect(refused).toBeLessThan(all / 4)
  expect(longestRow).toBeLessThan(10)
  expect(await messagesIn(crowd, crowd.queues.dead)).toBe(0)

  const written = calls.usageOf(WRITING).calls
  await sweep(crowd)
  expect(calls.usageOf(WRITING).calls).toBe(written)
}, 900_000)
