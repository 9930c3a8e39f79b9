import { expect, test } from 'vitest'
import { instanceAddress } from './addresses.ts'

test.each([
  [
    { PrivateIpAddress: '10.0.0.1', PublicIpAddress: '3.3.3.3', Ipv6Address: '::1' },
    { private: '10.0.0.1', public: '3.3.3.3', ipv6: '::1' },
  ],
  [{ PrivateIpAddress: '10.0.0.1', PublicIpAddress: '' }, { private: '10.0.0.1' }],
  [{}, {}],
])('a host has the addresses that EC2 tells of it', (host, addresses) => {
  expect(instanceAddress(host)).toEqual(addresses)
})
