import type { ContainerDefinition, HealthCheck, RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs'
import { expect, test } from 'vitest'
import { parseTaskDefinition } from './task-definition-rules.ts'
import { isFargateSize, parseCpu, parseMemory } from './task-sizes.ts'

const request = (overrides: object = {}): RegisterTaskDefinitionRequest => ({
  family: 'web',
  networkMode: 'awsvpc',
  requiresCompatibilities: ['FARGATE'],
  cpu: '256',
  memory: '512',
  containerDefinitions: [{ name: 'web', image: 'web:1' }],
  ...overrides,
})

const container = (overrides: object) => ({
  containerDefinitions: [{ name: 'web', image: 'web:1', ...overrides }],
})
const dependsOn = (containerName: string, condition = 'START') => [{ containerName, condition }]

test.each<[string, object, string]>([
  ['a family with a space', { family: 'my web' }, 'Invalid family name'],
  ['no container', { containerDefinitions: [] }, 'Container list cannot be empty.'],
  ['a container without name', container({ name: '' }), 'Container.name should not be null or empty.'],
  [
    'a container without image',
    container({ image: undefined }),
    'Container.image should not be null or empty.',
  ],
  ['an image with a space', container({ image: 'web: 1' }), 'Container.image contains invalid characters.'],
  [
    'no essential container',
    container({ essential: false }),
    'At least one container must be marked as essential.',
  ],
  [
    'a port that does not exist',
    container({ portMappings: [{ containerPort: 70_000 }] }),
    "Invalid 'containerPort'",
  ],
  [
    'two ports on Fargate',
    container({ portMappings: [{ containerPort: 80, hostPort: 8080 }] }),
    'must match',
  ],
  ['a long stopTimeout on Fargate', container({ stopTimeout: 121 }), 'at most 120 seconds'],
  [
    'a container larger than its task',
    container({ memory: 1024 }),
    "The 'memory' setting for container 'web'",
  ],
  [
    'more CPU than the task has',
    container({ cpu: 257 }),
    "The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'.",
  ],
  [
    'more reserved memory than the task has',
    container({ memoryReservation: 513 }),
    "The sum of all container 'memoryReservation' values cannot be greater than the value of the task 'memory'.",
  ],
  [
    'an eleventh container',
    { containerDefinitions: Array.from({ length: 11 }, (_, n) => ({ name: `web-${n}`, image: 'web:1' })) },
    'Too many containers.',
  ],
  ['little storage', { ephemeralStorage: { sizeInGiB: 20 } }, 'between 21 and 200 GiB'],
  ['an unknown pidMode', { pidMode: 'mine' }, 'pidMode should be one of [host,task]'],
  ['an unknown ipcMode', { ipcMode: 'mine' }, 'ipcMode should be one of [host,none,task]'],
  [
    'an unknown processor',
    { runtimePlatform: { cpuArchitecture: 'Z80' } },
    'cpuArchitecture should be one of [ARM64,X86_64]',
  ],
  ['Fargate without cpu', { cpu: undefined }, "Fargate requires that 'cpu' be defined at the task level."],
  ['Fargate without awsvpc', { networkMode: 'bridge' }, 'Fargate only supports network mode'],
  ['a size that Fargate lacks', { memory: '4096' }, 'No Fargate configuration exists for given values'],
  [
    'no memory at all',
    { requiresCompatibilities: ['EC2'], memory: undefined },
    "At least one of 'memory' or",
  ],
  ['a dependency on nobody', container({ dependsOn: dependsOn('db') }), "depends on 'db', which is not in"],
  ['a dependency on itself', container({ dependsOn: dependsOn('web') }), 'form a cycle: web -> web'],
])('%s is refused', (_, overrides, message) => {
  expect(() => parseTaskDefinition(request(overrides))).toThrow(message)
})

test('the same container name twice is refused', () => {
  const containerDefinitions = [
    { name: 'web', image: 'a' },
    { name: 'web', image: 'b' },
  ]
  expect(() => parseTaskDefinition(request({ containerDefinitions }))).toThrow("'web' is used more than once")
})

test('waiting for a health check that there is not is refused', () => {
  const withCheck = (healthCheck?: HealthCheck): ContainerDefinition[] => [
    { name: 'web', image: 'a', dependsOn: [{ containerName: 'db', condition: 'HEALTHY' }] },
    { name: 'db', image: 'b', healthCheck },
  ]
  const parse = (containerDefinitions: ContainerDefinition[]) =>
    parseTaskDefinition(request({ containerDefinitions }))
  expect(() => parse(withCheck())).toThrow('has no health check')
  expect(parse(withCheck({ command: ['CMD', 'true'] })).containerDefinitions).toHaveLength(2)
})

test('defaults are filled in as AWS fills them in', () => {
  const definition = parseTaskDefinition(request(container({ portMappings: [{ containerPort: 80 }] })))
  expect(definition).toMatchObject({
    compatibilities: ['EC2', 'FARGATE'],
    volumes: [],
    placementConstraints: [],
  })
  expect(definition.containerDefinitions?.[0]).toMatchObject({
    essential: true,
    cpu: 0,
    environment: [],
    portMappings: [{ containerPort: 80, hostPort: 80, protocol: 'tcp' }],
  })
})

test.each([
  ['awsvpc', 80],
  ['host', 80],
  ['bridge', 0],
  [undefined, 0],
])('in network mode %s the host port of 80 is %i unless told', (networkMode, hostPort) => {
  const bridge = { networkMode, requiresCompatibilities: ['EC2'] }
  const { containerDefinitions } = parseTaskDefinition(
    request({ ...container({ portMappings: [{ containerPort: 80 }] }), ...bridge }),
  )
  expect(containerDefinitions?.[0]?.portMappings).toMatchObject([{ hostPort }])
})

test.each([
  ['256', '256'],
  ['.25 vCPU', '256'],
  ['1 vcpu', '1024'],
])('%s is %s CPU units', (text, units) => expect(parseCpu(text)).toBe(units))

test.each([
  ['512', '512'],
  ['0.5GB', '512'],
  ['2 GB', '2048'],
])('%s is %s MiB', (text, mib) => expect(parseMemory(text)).toBe(mib))

test.each(['', 'much', '-1', '1.5', '1 TB'])("'%s' is no size", (text) => {
  expect(() => parseMemory(text)).toThrow("Invalid 'memory' setting for task.")
})

test.each([
  ['256', '512', true],
  ['256', '1536', false],
  ['256', '2048', true],
  ['512', '5120', false],
  ['1024', '8192', true],
  ['8192', '16384', true],
  ['8192', '17408', false],
  ['16384', '122880', true],
  ['300', '512', false],
])('Fargate offers %s CPU units with %s MiB: %s', (cpu, memory, offered) => {
  expect(isFargateSize(cpu, memory)).toBe(offered)
})
