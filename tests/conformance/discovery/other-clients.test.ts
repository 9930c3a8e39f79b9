/** Cloud Map by boto3 and the AWS CLI, which are told to leave the host of the data plane as it is. */
import { fileURLToPath } from 'node:url'
import { testEngine } from '@capstan/drydock/testing.ts'
import { expect, test } from 'vitest'
import { isInstalled, runClient } from '../sqs/programs.ts'

const script = fileURLToPath(new URL('boto_discovery.py', import.meta.url))
const asIs = ['AWS_DISABLE_HOST_PREFIX_INJECTION=true']

test.skipIf(!isInstalled('python3', '-c', 'import boto3'))('boto3 registers and discovers', async () => {
  await using drydock = await testEngine({ clock: 'system' })
  expect(JSON.parse(await runClient(drydock.endpoint, 'env', ...asIs, 'python3', script))).toEqual({
    found: [['a', 'HEALTHY', { AWS_INSTANCE_IPV4: '10.0.0.1', AWS_INSTANCE_PORT: '80' }]],
    revision: 2,
    pages: ['by-boto', 'corp.local'],
    records: [['api.corp.local.', 'a', 10, [{ Value: '10.0.0.1' }]]],
    refused: ['AccessDenied', 403],
    existing: true,
  })
  expect(drydock.faults).toEqual([])
})

test.skipIf(!isInstalled('aws', '--version'))('the AWS CLI registers and discovers', async () => {
  await using drydock = await testEngine()
  const aws = async (...args: string[]) => {
    const program = ['aws', '--endpoint-url', drydock.endpoint, '--output', 'json', 'servicediscovery']
    return JSON.parse(await runClient(drydock.endpoint, 'env', ...asIs, ...program, ...args))
  }
  await aws('create-http-namespace', '--name', 'by-cli')
  await drydock.engine.advance('1s')
  const { Namespaces } = await aws('list-namespaces')
  const { Service } = await aws('create-service', '--name', 'web', '--namespace-id', Namespaces[0].Id)
  const instance = [
    '--service-id',
    Service.Id,
    '--instance-id',
    'a',
    '--attributes',
    'AWS_INSTANCE_IPV4=10.0.0.1',
  ]
  await aws('register-instance', ...instance)
  await drydock.engine.advance('1s')
  const where = ['--namespace-name', 'by-cli', '--service-name', 'web']
  expect(await aws('discover-instances', ...where)).toMatchObject({
    Instances: [{ InstanceId: 'a', Attributes: { AWS_INSTANCE_IPV4: '10.0.0.1' } }],
  })
  expect(drydock.faults).toEqual([])
})
