/** Blocks of addresses: read, put into their one form, and compared (RFC 4632, RFC 4291 section 2.3). */
import ipaddr from 'ipaddr.js'

/** A block in its one form: the first address, and how many bits all its addresses share. */
export interface Block {
  readonly text: string
  readonly bits: number
}

/** An IPv4 block; `undefined` for what is none. Bits beyond the prefix are cleared, as EC2 does it. */
export function ipv4Block(text: string): Block | undefined {
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(text)) return undefined
  const [, bits] = ipaddr.IPv4.parseCIDR(text)
  return { text: `${ipaddr.IPv4.networkAddressFromCIDR(text)}/${bits}`, bits }
}

/** An IPv6 block in its shortest form; `undefined` for what is none. */
export function ipv6Block(text: string): Block | undefined {
  if (!ipaddr.IPv6.isValidCIDR(text)) return undefined
  const [, bits] = ipaddr.IPv6.parseCIDR(text)
  return { text: `${ipaddr.IPv6.networkAddressFromCIDR(text).toRFC5952String()}/${bits}`, bits }
}

/** Whether all addresses of `inner` are of `outer`; both are blocks of the same family. */
export function contains(outer: string, inner: string): boolean {
  const [network, bits] = ipaddr.parseCIDR(outer)
  const [address, innerBits] = ipaddr.parseCIDR(inner)
  return innerBits >= bits && address.kind() === network.kind() && address.match(network, bits)
}

/** Whether two blocks share an address: then one of them contains the other. */
export const overlap = (a: string, b: string): boolean => contains(a, b) || contains(b, a)

/** The address of an IPv6 block whose last 32 bits are an IPv4 address. */
export function ipv6Within(block: string, address: string): string {
  const [network] = ipaddr.IPv6.parseCIDR(block)
  const bytes = network.toByteArray()
  bytes.splice(12, 4, ...ipaddr.IPv4.parse(address).toByteArray())
  return new ipaddr.IPv6(bytes).toRFC5952String()
}
