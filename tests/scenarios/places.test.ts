/** One Capstan for several accounts and regions, with the permissions that it would have there, in Drydock's Lambda. */
import { decideDelivery } from '@capstan/core/delivery.ts'
import type { PlaceConfig } from '@capstan/core/places.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { putImage } from '../fixtures/image.ts'
import { Abroad, HOME, PLACES } from './abroad.ts'

const NAME = 'web.example.com'
let abroad: Abroad
let uri: string
let zone: string

beforeAll(async () => {
  abroad = await Abroad.start()
  uri = await createRepository(abroad.tools, PLACES.tools, 'web')
  await abroad.gather(abroad.home, 'told', { source: ['capstan'] })
  const { HostedZone } = await abroad.eu.route53.createHostedZone({
    Name: 'example.com',
    CallerReference: '1',
  })
  zone = HostedZone?.Id ?? ''
  await createService(abroad.home, 'web', uri)
  await createService(abroad.eu, 'web', uri, { 'capstan:dns': NAME, 'capstan:bake': '30s' })
  // The first sweep finds them, and the second one has seen them do well.
  await abroad.drydock.engine.advance('121s')
})
afterAll(() => abroad?.[Symbol.asyncDispose]())

/** Creates a repository with the image 1.0.0, and returns how images there are named. */
async function createRepository(clients: Abroad['home'], where: PlaceConfig, repositoryName: string) {
  await clients.ecr.createRepository({ repositoryName })
  await putImage(clients.ecr, repositoryName, '1.0.0')
  const { port } = new URL(abroad.drydock.endpoint)
  return `${where.account}.dkr.ecr.${where.region}.localhost:${port}/${repositoryName}`
}

async function createService(
  { ecs }: Abroad['home'],
  name: string,
  image: string,
  tags: Readonly<Record<string, string>> = {},
) {
  await ecs.createCluster({})
  await ecs.registerTaskDefinition({
    ...{ family: name, networkMode: 'awsvpc' },
    containerDefinitions: [{ name: 'app', image: `${image}:1.0.0`, memory: 128 }],
  })
  const all = { 'capstan:track': 'semver:1.x', ...tags }
  await ecs.createService({
    ...{ serviceName: name, taskDefinition: name, desiredCount: 1 },
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-12345678'] } },
    tags: Object.entries(all).map(([key, value]) => ({ key, value })),
  })
}

const recordsOf = async () => {
  const { ResourceRecordSets = [] } = await abroad.eu.route53.listResourceRecordSets({ HostedZoneId: zone })
  return ResourceRecordSets.filter(({ Name, Type }) => Name === `${NAME}.` && Type === 'A')
}

test('a push in one account is deployed in another, in both regions', async () => {
  const digest = await putImage(abroad.tools.ecr, 'web', '1.1.0')
  await abroad.drydock.engine.advance('60s')
  expect(await abroad.imageOf(abroad.home, 'web')).toBe(`${uri}@${digest}`)
  expect(await abroad.imageOf(abroad.eu, 'web')).toBe(`${uri}@${digest}`)
  const told = await abroad.take(abroad.home, 'told')
  const started = told.filter((event) => event['detail-type'] === 'Capstan Deployment Started')
  const tellers = started.map(({ account, region, detail }) => `${account} ${region} ${placeIn(detail)}`)
  expect(tellers.toSorted()).toEqual(
    ['eu', undefined].map((place) => `${HOME.account} ${HOME.region} ${place}`),
  )
  expect(await abroad.denied()).toEqual([])
})

const placeIn = (detail: unknown) => (detail as { place?: string }).place

test('tasks of a place are found by name in a zone of their own account', async () => {
  expect(await recordsOf()).toHaveLength(1)
  await abroad.eu.ecs.updateService({ service: 'web', desiredCount: 2 })
  await abroad.drydock.engine.advance('60s')
  expect(await recordsOf()).toHaveLength(2)
})

test('a push at home is deployed in another place', async () => {
  const own = await createRepository(abroad.home, HOME, 'api')
  await createService(abroad.eu, 'api', own)
  await abroad.drydock.engine.advance('60s')
  const digest = await putImage(abroad.home.ecr, 'api', '1.0.1')
  await abroad.drydock.engine.settle()
  expect(await abroad.imageOf(abroad.eu, 'api')).toBe(`${own}@${digest}`)
})

const KEY = { cluster: 'default', service: 'web' }

test('what is remembered of a place is its own, and what is frozen is frozen everywhere', async () => {
  const places = abroad.operator()
  const [home, eu] = await Promise.all([places.named(), places.named('eu')])
  const [[atHome], [there]] = await Promise.all([
    home.ledger.listDeployments(KEY),
    eu.ledger.listDeployments(KEY),
  ])
  expect(atHome?.id).toMatch(/^2026/)
  expect(there?.id).not.toBe(atHome?.id)
  expect(await abroad.rowsOf()).toEqual(['DECISION', 'DEPLOYMENT', 'SERVICE'])
  expect(await abroad.rowsOf('eu')).toEqual([
    'DECISION',
    'DEPLOYMENT',
    'NAME',
    'PLACE',
    'SERVICE',
    'SNAPSHOT',
    'SOURCE',
    'TASK',
  ])
  expect(await abroad.rowsOf('tools')).toEqual([])
  const frozen = await home.ledger.addFreeze({ scope: 'all', reason: 'a fair', by: 'ann' })
  const digest = await putImage(abroad.tools.ecr, 'web', '1.2.0')
  await abroad.drydock.engine.settle()
  for (const capstan of [home, eu]) {
    const seen = await capstan.observeService(KEY)
    if (seen.kind !== 'seen') throw new Error('The service was not seen')
    const decisions = decideDelivery(seen.view, abroad.drydock.engine.clock.now())
    expect(decisions.at(-1)).toMatchObject({ kind: 'wait', reason: 'frozen' })
    expect(seen.view.repositories[REPOSITORY]?.map((image) => image.digest)).toContain(digest)
  }
  await home.ledger.removeFreeze(frozen.id, { by: 'ann', reason: 'over' })
})

/** What the repository is called from another account. */
const REPOSITORY = `arn:aws:ecr:${PLACES.tools.region}:${PLACES.tools.account}:repository/web`

test('an operator goes back in a place, and home goes on', async () => {
  const before = await abroad.imageOf(abroad.eu, 'web')
  const places = abroad.operator()
  const [home, eu] = await Promise.all([places.named(), places.named('eu')])
  const request = { by: 'ann', reason: 'prices are wrong' }
  await eu.deliver([await eu.observeRollback(KEY, request)], decideDelivery)
  await abroad.drydock.engine.advance('30s')
  expect(await abroad.imageOf(abroad.eu, 'web')).not.toBe(before)
  const [atHome, there] = [await home.ledger.getService(KEY), await eu.ledger.getService(KEY)]
  expect(Object.keys(there?.quarantine ?? {})).toEqual([before?.split('@').at(-1)])
  expect(atHome?.quarantine).toEqual({})
  expect(await abroad.denied()).toEqual([])
})

test('the command line tells of a place, and says which', async () => {
  expect(await abroad.capstan('service', 'list')).toMatch(/^PLACE +SERVICE .*\nhome +default\/web /)
  const listed: unknown = JSON.parse(await abroad.capstan('service', 'list', '--place', 'eu', '--json'))
  const arn = expect.stringContaining(':eu-west-1:222222222222:')
  expect(listed).toMatchObject(['api', 'web'].map((service) => ({ place: 'eu', service, arn })))
  expect(await abroad.capstan('discovery', 'list', '--place', 'eu')).toMatch(
    /\neu +web\.example\.com +public zone/,
  )
  await expect(abroad.capstan('service', 'list', '--place', 'us')).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('no place "us"; it has home, eu, tools.'),
  })
})

test('an event of an account that nobody named is ignored, and the log says what to add', async () => {
  const event = {
    ...{ version: '0', id: 'e', time: '2026-01-01T00:00:00Z', resources: [], region: 'us-east-1' },
    ...{ account: '444444444444', source: 'aws.ecr', 'detail-type': 'ECR Image Action' },
    detail: {
      ...{ result: 'SUCCESS', 'action-type': 'PUSH', 'repository-name': 'web' },
      ...{ 'image-digest': `sha256:${'a'.repeat(64)}`, 'image-tag': '9.9.9' },
    },
  }
  expect(await abroad.call('image-pushed', event)).toBeUndefined()
  expect(abroad.logOf('image-pushed')).toContain(
    "to deliver there, add it to places: { account: '444444444444', region: 'us-east-1' }",
  )
})

test('a place that lets nobody in hinders no other, and its event is kept with the reason', async () => {
  const RoleName = `capstan-spoke-${PLACES.eu.region}-image-pushed`
  await abroad.eu.iam.deleteRolePolicy({ RoleName, PolicyName: 'permissions' })
  await abroad.take(abroad.home, 'capstan-dead-letters')
  const digest = await putImage(abroad.tools.ecr, 'web', '1.3.0')
  await abroad.drydock.engine.settle()
  expect(await abroad.imageOf(abroad.home, 'web')).toBe(`${uri}@${digest}`)
  expect(await abroad.imageOf(abroad.eu, 'web')).not.toBe(`${uri}@${digest}`)
  expect(await abroad.take(abroad.home, 'capstan-dead-letters')).toHaveLength(1)
})
