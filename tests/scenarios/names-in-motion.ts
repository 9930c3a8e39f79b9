/**
 * The stage for names in motion: Capstan on an engine of real tasks and real time, a service that Capstan publishes and
 * one that ECS registers by itself, both of one image, whose program is the hard case.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ECS, type ServiceRegistry } from '@aws-sdk/client-ecs'
import { Route53 } from '@aws-sdk/client-route-53'
import { ServiceDiscovery } from '@aws-sdk/client-servicediscovery'
import { startCapstan } from '@capstan/cli/dev/dev.ts'
import { packDirectory } from '@capstan/cli/image/pack.ts'
import { pushImage } from '@capstan/cli/image/push.ts'
import type { SdkConfig } from '@capstan/cli/sdk.ts'
import { onTestFinished } from 'vitest'
import { checkout, run, until } from '../fixtures/program.ts'

/** Where the program listens. */
export const PORT = 8080
/** Of both names. */
export const TTL_SECONDS = 1
/** Capstan's name, and ECS's own. */
export const [OURS, THEIRS] = [
  { name: 'web.example.com', service: 'web' },
  { name: 'web.corp.local', service: 'web-by-ecs' },
] as const

/**
 * Listens a while after its start, and leaves a file when it does. Told to end, it accepts nothing from then on, and
 * ends when it has done what was under way. Whoever asks learns its process, to kill it.
 */
const PROGRAM = `
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
const server = createServer((_, reply) => reply.end(String(process.pid)))
setTimeout(() => server.listen(${PORT}, () => writeFileSync('listens', '')), 700)
process.on('SIGTERM', () => {
  server.close()
  setTimeout(() => process.exit(0), 2500)
})
`

/** As cheap as can be: what is measured has the processors for itself. */
const HEALTH_CHECK = { command: ['CMD-SHELL', 'test -e listens'], ...{ interval: 5, timeout: 5, retries: 3 } }

export type Stage = Awaited<ReturnType<typeof stage>>

/** Both services are steady and both names are there. Everything ends with the test. */
export async function stage() {
  const { drydock, sdk } = await startCapstan(
    { port: 0, dns: { port: 0 }, tasks: 'process' },
    join(checkout, 'capstan.config.ts'),
  )
  const ecs = new ECS(sdk)
  onTestFinished(async () => {
    ecs.destroy()
    await drydock.close()
  })
  await new Route53(sdk).createHostedZone({ Name: 'example.com', CallerReference: 'names' })
  const registryArn = await createRegistry(sdk)
  await push(sdk, '1.0.0')
  await ecs.createCluster({})
  await createService(ecs, sdk, OURS.service, {
    'capstan:dns': OURS.name,
    'capstan:dns-ttl': String(TTL_SECONDS),
  })
  await createService(ecs, sdk, THEIRS.service, {}, [{ registryArn }])
  return { drydock, sdk, ecs, dns: drydock.dns ?? '' }
}

/** `web` in the private namespace `corp.local`. It has no custom health check: with one, ECS is slower still. */
async function createRegistry(sdk: SdkConfig): Promise<string> {
  const map = new ServiceDiscovery({ ...sdk, disableHostPrefix: true })
  await map.createPrivateDnsNamespace({ Name: 'corp.local', Vpc: 'vpc-1' })
  const namespace = await until('the namespace is there', async () => {
    return (await map.listNamespaces({})).Namespaces?.[0]
  })
  const { Service } = await map.createService({
    Name: 'web',
    NamespaceId: namespace.Id,
    DnsConfig: { RoutingPolicy: 'MULTIVALUE', DnsRecords: [{ Type: 'A', TTL: TTL_SECONDS }] },
  })
  return Service?.Arn ?? ''
}

/** Pushes a version of the program, to which both services go by their tags. */
export async function push(sdk: SdkConfig, version: string) {
  const folder = await mkdtemp(join(tmpdir(), 'names-in-motion-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'package.json'), JSON.stringify({ scripts: { start: 'node main.mjs' } }))
  await writeFile(join(folder, 'main.mjs'), `// ${version}\n${PROGRAM}`)
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch
  return pushImage(sdk, 'web', version, await packDirectory(folder, { platform: `linux/${architecture}` }))
}

async function createService(
  ecs: ECS,
  sdk: Required<SdkConfig>,
  serviceName: string,
  tags: Readonly<Record<string, string>>,
  serviceRegistries: ServiceRegistry[] = [],
): Promise<void> {
  const image = `${new URL(sdk.endpoint).host}/web:1.0.0`
  await ecs.registerTaskDefinition({
    ...{ family: serviceName, networkMode: 'awsvpc', requiresCompatibilities: ['FARGATE'] },
    ...{ cpu: '256', memory: '512' },
    containerDefinitions: [
      { name: 'app', image, portMappings: [{ containerPort: PORT }], healthCheck: HEALTH_CHECK },
    ],
  })
  await ecs.createService({
    ...{
      serviceName,
      taskDefinition: serviceName,
      desiredCount: 4,
      launchType: 'FARGATE',
      serviceRegistries,
    },
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-12345678'] } },
    deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 150 },
    tags: Object.entries({ 'capstan:track': 'semver:1.x', 'capstan:bake': '1s', ...tags }).map(
      ([key, value]) => ({ key, value }),
    ),
  })
}

/** What a person at a terminal types after `capstan`. Throws with what it printed where it fails. */
export async function capstan({ sdk }: Pick<Stage, 'sdk'>, ...args: string[]): Promise<string> {
  const program = join(checkout, 'packages/cli/bin/capstan.js')
  const { code, stdout, stderr } = await run(process.execPath, [program, ...args], {
    AWS_ENDPOINT_URL: sdk.endpoint,
  })
  if (code !== 0) throw new Error(`capstan ${args.join(' ')} ended with ${code}: ${stdout}${stderr}`)
  return stdout
}
