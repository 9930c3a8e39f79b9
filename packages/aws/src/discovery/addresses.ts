/** Addresses that no event tells: public ones, and those of the hosts of tasks without an interface of their own. */

import type { Instance, NetworkInterface } from '@aws-sdk/client-ec2'
import type { SeenTask, TaskAddresses } from '@capstan/core/discovery/view.ts'
import { batchesOf } from '../observe/services.ts'
import { settleEach, valuesOf } from '../parallel.ts'
import { pagesOf } from '../wire/pages.ts'
import type { Ec2Api } from './clients.ts'
import type { Hosts } from './hosts.ts'

/** Tasks with the addresses that EC2 knows of them added, in their order; what EC2 does not know (any more) changes nothing. */
export type LearnAddresses = <Task extends SeenTask>(tasks: readonly Task[]) => Promise<Task[]>

/** A filter takes this many values (EC2 API reference: Filter). */
const ASKED_AT_ONCE = 200

type ById = ReadonlyMap<string, TaskAddresses>

/** Addresses as `ec2` tells them: one call for up to 200 interfaces, and one for as many hosts. */
export function addressesOf(ec2: Ec2Api, hosts: Hosts): LearnAddresses {
  return async (tasks) => {
    const own = tasks.flatMap(({ interfaceId }) => interfaceId ?? [])
    const [byInterface, byHost] = await Promise.all([
      readEach(own, (ids) => interfaceAddresses(ec2, ids)),
      hostAddresses(ec2, hosts, tasks),
    ])
    return tasks.map((task) => {
      const { addresses, containerInstanceArn = '', interfaceId } = task
      const learnt =
        interfaceId === undefined ? byHost.get(containerInstanceArn) : byInterface.get(interfaceId)
      return learnt ? { ...task, addresses: { ...addresses, ...learnt } } : task
    })
  }
}

async function readEach(ids: readonly string[], read: (ids: string[]) => Promise<ById>): Promise<ById> {
  const batches = batchesOf([...new Set(ids)], ASKED_AT_ONCE)
  return new Map(valuesOf(await settleEach(batches, read)).flatMap((found) => [...found]))
}

/** By a filter, not by ids: one interface that is gone would have EC2 refuse the whole request. */
async function interfaceAddresses(ec2: Ec2Api, Values: string[]): Promise<ById> {
  const found: [string, TaskAddresses][] = []
  const Filters = [{ Name: 'network-interface-id', Values }]
  const pages = pagesOf(
    (NextToken) => ec2.call('DescribeNetworkInterfaces', { Filters, MaxResults: 1000, NextToken }),
    (page) => page.NextToken,
  )
  for await (const { NetworkInterfaces = [] } of pages)
    for (const each of NetworkInterfaces) found.push([each.NetworkInterfaceId ?? '', interfaceAddress(each)])
  return new Map(found)
}

function interfaceAddress(own: NetworkInterface): TaskAddresses {
  const [ipv6] = own.Ipv6Addresses ?? []
  return present({
    private: own.PrivateIpAddress,
    public: own.Association?.PublicIp,
    ipv6: ipv6?.Ipv6Address,
  })
}

/** By container instance, as tasks name their hosts. */
async function hostAddresses(ec2: Ec2Api, hosts: Hosts, tasks: readonly SeenTask[]): Promise<ById> {
  const hosted = tasks.filter(({ interfaceId }) => interfaceId === undefined)
  const byCluster = Map.groupBy(hosted, ({ source }) => source.cluster)
  const found = await settleEach([...byCluster], ([cluster, same]) =>
    hosts(
      cluster,
      same.flatMap(({ containerInstanceArn }) => containerInstanceArn ?? []),
    ),
  )
  const instances = new Map(valuesOf(found).flatMap((each) => [...each]))
  const addresses = await readEach([...instances.values()], (ids) => instanceAddresses(ec2, ids))
  return new Map([...instances].map(([arn, id]) => [arn, addresses.get(id) ?? {}]))
}

async function instanceAddresses(ec2: Ec2Api, Values: string[]): Promise<ById> {
  const found: [string, TaskAddresses][] = []
  const Filters = [{ Name: 'instance-id', Values }]
  const pages = pagesOf(
    (NextToken) => ec2.call('DescribeInstances', { Filters, MaxResults: 1000, NextToken }),
    (page) => page.NextToken,
  )
  for await (const { Reservations = [] } of pages)
    for (const each of Reservations.flatMap(({ Instances = [] }) => Instances))
      found.push([each.InstanceId ?? '', instanceAddress(each)])
  return new Map(found)
}

/** Of a host: a task in `bridge` or `host` mode is reached at it. */
export function instanceAddress(host: Instance): TaskAddresses {
  return present({ private: host.PrivateIpAddress, public: host.PublicIpAddress, ipv6: host.Ipv6Address })
}

function present(addresses: Readonly<Record<keyof TaskAddresses, string | undefined>>): TaskAddresses {
  return Object.fromEntries(Object.entries(addresses).filter(([, address]) => address))
}
