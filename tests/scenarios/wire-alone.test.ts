/**
 * Through the wire alone: the aws CLI and skopeo, no code of ours. A service whose tag says semver:1.x ends on 1.1.0,
 * pinned by digest, its tasks answering as 1.1.0, whatever else is pushed and in whatever order.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeProgram, writeSignature } from '../fixtures/layout.ts'
import { type Running, run, startProgram, until } from '../fixtures/program.ts'

let capstan: Running
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'capstan-wire-'))
  capstan = await startProgram('capstan', ['dev', '--empty', '--port', '0', '--tasks', 'process'])
})
afterAll(async () => {
  await capstan?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function aws<T = unknown>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await run('aws', [...args, '--output', 'json'], {
    AWS_ENDPOINT_URL: capstan.ready.endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_PAGER: '',
  })
  if (code !== 0) throw new Error(`aws ${args.join(' ')}: ${stderr}`)
  return (stdout ? JSON.parse(stdout) : undefined) as T
}

async function push(layout: string, reference: string): Promise<void> {
  const { authorizationData } = await aws<{ authorizationData: { authorizationToken: string }[] }>(
    'ecr',
    'get-authorization-token',
  )
  const credentials = Buffer.from(authorizationData[0]?.authorizationToken ?? '', 'base64').toString()
  const args = [
    'copy',
    '--dest-tls-verify=false',
    '--dest-creds',
    credentials,
    `oci:${layout}`,
    `docker://${reference}`,
  ]
  const { code, stderr } = await run('skopeo', args)
  if (code !== 0) throw new Error(`skopeo ${reference}: ${stderr}`)
}

/** A program that answers with its version. */
async function program(version: string): Promise<{ layout: string; digest: string }> {
  const root = join(folder, version, 'root')
  const layout = join(folder, version, 'layout')
  await mkdir(join(root, 'app'), { recursive: true })
  await writeFile(
    join(root, 'app', 'server.js'),
    `require('node:http').createServer((_, response) => response.end('${version}')).listen(8080)`,
  )
  return { layout, digest: await writeProgram(layout, root, ['node', 'server.js']) }
}

interface Services {
  services: { taskDefinition: string; deployments: { rolloutState: string; runningCount: number }[] }[]
}
interface Tasks {
  tasks: {
    taskDefinitionArn: string
    containers: { networkInterfaces: { privateIpv4Address: string }[] }[]
  }[]
}
interface TaskDefinition {
  taskDefinition: { containerDefinitions: { image: string }[] }
}

test('aws CLI and skopeo alone: the service ends on the digest of 1.1.0 and its tasks answer as 1.1.0', async () => {
  const registry = new URL(capstan.ready.endpoint).host
  await aws('ecr', 'create-repository', '--repository-name', 'shop')
  await aws('ecs', 'create-cluster', '--cluster-name', 'prod')
  const container = {
    name: 'shop',
    image: `${registry}/shop:1.0.0`,
    portMappings: [{ containerPort: 8080 }],
    stopTimeout: 2,
  }
  await aws(
    ...['ecs', 'register-task-definition', '--family', 'shop', '--network-mode', 'awsvpc', '--cpu', '256'],
    ...['--memory', '512', '--requires-compatibilities', 'FARGATE'],
    ...['--container-definitions', JSON.stringify([container])],
  )
  await aws(
    ...['ecs', 'create-service', '--cluster', 'prod', '--service-name', 'shop', '--task-definition', 'shop'],
    ...['--desired-count', '2', '--launch-type', 'FARGATE', '--tags', 'key=capstan:track,value=semver:1.x'],
    ...['--network-configuration', 'awsvpcConfiguration={subnets=[subnet-1]}'],
  )

  const wanted = await program('1.1.0')
  await push((await program('1.0.0')).layout, `${registry}/shop:1.0.0`)
  await push((await program('2.0.0')).layout, `${registry}/shop:2.0.0`)
  await push(wanted.layout, `${registry}/shop:1.1.0`)
  await push((await program('1.0.5')).layout, `${registry}/shop:1.0.5`)
  const signature = join(folder, 'signature')
  await writeSignature(signature, wanted.digest)
  await push(signature, `${registry}/shop:${wanted.digest.replace(':', '-')}.sig`)

  const image = await until('the service is deployed as 1.1.0', async () => {
    const { services } = await aws<Services>(
      'ecs',
      'describe-services',
      '--cluster',
      'prod',
      '--services',
      'shop',
    )
    const [service] = services
    const { taskDefinition } = await aws<TaskDefinition>(
      ...['ecs', 'describe-task-definition', '--task-definition', service?.taskDefinition ?? ''],
    )
    const [primary, ...others] = service?.deployments ?? []
    const image = taskDefinition.containerDefinitions[0]?.image ?? ''
    const isThere = image.endsWith(wanted.digest) && primary?.rolloutState === 'COMPLETED' && !others.length
    return isThere ? image : undefined
  })
  expect(image).toBe(`${registry}/shop@${wanted.digest}`)
  expect(await answers()).toEqual(['1.1.0', '1.1.0'])
}, 180_000)

/** What each task of the service answers at its own address. */
async function answers(): Promise<string[]> {
  const { taskArns } = await aws<{ taskArns: string[] }>(
    'ecs',
    'list-tasks',
    '--cluster',
    'prod',
    '--service-name',
    'shop',
  )
  const { tasks } = await aws<Tasks>('ecs', 'describe-tasks', '--cluster', 'prod', '--tasks', ...taskArns)
  return Promise.all(
    tasks.map(({ containers }) => {
      const address = containers[0]?.networkInterfaces[0]?.privateIpv4Address
      return until(`${address} answers`, () =>
        fetch(`http://${address}:8080/`).then(
          (response) => response.text(),
          () => undefined,
        ),
      )
    }),
  )
}
