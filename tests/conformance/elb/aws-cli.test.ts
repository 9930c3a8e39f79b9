/** Elastic Load Balancing by the AWS CLI, up to a request that goes through. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { testEngine } from '@capstan/drydock/testing.ts'
import { expect, test } from 'vitest'
import { isInstalled, runClient } from '../sqs/programs.ts'

test.skipIf(!isInstalled('aws', '--version'))(
  'the AWS CLI puts a load balancer before a program',
  { timeout: 60_000 },
  async () => {
    const program = createServer((_, reply) => reply.end('hello')).listen(0, '127.0.0.1')
    await using drydock = await testEngine()
    const aws = async (...args: string[]) =>
      JSON.parse((await runClient(drydock.endpoint, 'aws', 'elbv2', ...args)) || '{}')
    const { LoadBalancers } = await aws(
      'create-load-balancer',
      '--name',
      'shop',
      '--subnets',
      'subnet-a',
      'subnet-b',
    )
    const [{ LoadBalancerArn, DNSName }] = LoadBalancers
    const { TargetGroups } = await aws(
      ...['create-target-group', '--name', 'web', '--protocol', 'HTTP', '--port', '80'],
      ...['--vpc-id', 'vpc-1', '--target-type', 'ip', '--health-check-path', '/'],
    )
    const [{ TargetGroupArn }] = TargetGroups
    const { port } = program.address() as AddressInfo
    await aws(
      'register-targets',
      '--target-group-arn',
      TargetGroupArn,
      '--targets',
      `Id=127.0.0.1,Port=${port}`,
    )
    await aws(
      ...['create-listener', '--load-balancer-arn', LoadBalancerArn, '--protocol', 'HTTP', '--port', '8080'],
      ...['--default-actions', `Type=forward,TargetGroupArn=${TargetGroupArn}`],
    )
    await drydock.engine.settle()
    const { TargetHealthDescriptions } = await aws(
      'describe-target-health',
      '--target-group-arn',
      TargetGroupArn,
    )
    expect(TargetHealthDescriptions).toMatchObject([
      { Target: { Port: port }, TargetHealth: { State: 'healthy' } },
    ])
    const curl = await runClient(drydock.endpoint, 'curl', '-s', '-H', `Host: ${DNSName}`, drydock.endpoint)
    expect(curl).toBe('hello')
    const missing = aws('describe-target-groups', '--names', 'none')
    await expect(missing).rejects.toThrow('(TargetGroupNotFound)')
    program.close()
    expect(drydock.faults).toEqual([])
  },
)
