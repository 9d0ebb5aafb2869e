import ipaddr from 'ipaddr.js'
import type { Filter } from '../filter.js'
import { isList, isMap, wrongType } from '../values.js'

type Address = ipaddr.IPv4 | ipaddr.IPv6
/** An address as it is written, perhaps with the size of its network. */
interface Written { readonly text: string; readonly address: Address; readonly prefix: number; readonly bare: boolean }

const bitsOf = (address: Address): number => (address.kind() === 'ipv4' ? 32 : 128)

/** Reads an address in its usual way of writing; `undefined` where a value is none. */
const read = (value: unknown): Written | undefined => {
  if (typeof value !== 'string') return undefined
  const [host = '', size, more] = value.split('/')
  if (more !== undefined || !(ipaddr.IPv4.isValidFourPartDecimal(host) || ipaddr.IPv6.isValid(host)) || host.includes('%')) return undefined
  const address = ipaddr.parse(host)
  if (size === undefined) return { text: value, address, prefix: bitsOf(address), bare: true }
  const prefix = /^\d{1,3}$/.test(size) ? Number(size) : ipaddr.IPv4.isValidFourPartDecimal(size) ? ipaddr.IPv4.parse(size).prefixLengthFromSubnetMask() ?? -1 : -1
  return prefix < 0 || prefix > bitsOf(address) ? undefined : { text: value, address, prefix, bare: false }
}

/** An address with some bits of its own and all others zero or one. */
const masked = ({ address, prefix }: Written, rest: 0 | 1): Address => {
  const bytes = address.toByteArray().map((byte, index) => {
    const kept = Math.max(0, Math.min(8, prefix - 8 * index))
    const mask = (0xff << (8 - kept)) & 0xff
    return rest === 0 ? byte & mask : byte | (~mask & 0xff)
  })
  return ipaddr.fromByteArray(bytes)
}
const networkOf = (written: Written): Address => masked(written, 0)
const lastOf = (written: Written): Address => masked(written, 1)
const numberOf = (address: Address): bigint => address.toByteArray().reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
const addressOf = (number: bigint, like: Address): Address =>
  ipaddr.fromByteArray(Array.from({ length: bitsOf(like) / 8 }, (_, index) => Number((number >> BigInt(bitsOf(like) - 8 * (index + 1))) & 0xffn)))
const same = (one: Address, other: Address): boolean => one.toString() === other.toString()

const inside = (one: Written, network: Written): boolean =>
  one.address.kind() === network.address.kind() && one.prefix >= network.prefix && same(networkOf({ ...one, prefix: network.prefix }), networkOf(network))

const isNetwork = (written: Written): boolean => written.bare || same(written.address, networkOf(written))
const isPrivate = ({ address }: Written): boolean => ['private', 'uniqueLocal', 'loopback', 'linkLocal'].includes(address.range())

const usable = (written: Written, first: boolean): string => {
  const [from, to] = [networkOf(written), lastOf(written)]
  const room = bitsOf(from) - written.prefix > 1 ? 1n : 0n
  return (first ? addressOf(numberOf(from) + room, from) : addressOf(numberOf(to) - (from.kind() === 'ipv4' ? room : 0n), from)).toString()
}

const nth = (written: Written, index: number): string | undefined => {
  const [from, to] = [numberOf(networkOf(written)), numberOf(lastOf(written))]
  const number = index < 0 ? to + 1n + BigInt(index) : from + BigInt(index)
  return number < from || number > to ? undefined : `${addressOf(number, written.address).toString()}/${written.prefix}`
}

/** What may be asked of an address; `undefined` means that it is not of that kind. */
const queries: Readonly<Record<string, (written: Written) => unknown>> = {
  '': ({ text }) => text,
  address: (written) => (!written.bare && written.prefix < bitsOf(written.address) && isNetwork(written) ? undefined : written.address.toString()),
  network: (written) => networkOf(written).toString(),
  netmask: ({ address, prefix }) => (address.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6).subnetMaskFromPrefixLength(prefix).toString(),
  prefix: ({ prefix }) => prefix,
  broadcast: (written) => (written.address.kind() === 'ipv4' && written.prefix < 31 ? lastOf(written).toString() : undefined),
  subnet: (written) => `${networkOf(written).toString()}/${written.prefix}`,
  net: (written) => (!written.bare && isNetwork(written) ? `${written.address.toString()}/${written.prefix}` : undefined),
  size: ({ address, prefix }) => {
    const bits = bitsOf(address) - prefix
    return bits > 52 ? String(2n ** BigInt(bits)) : 2 ** bits
  },
  version: ({ address }) => (address.kind() === 'ipv4' ? 4 : 6),
  private: (written) => (isPrivate(written) ? written.text : undefined),
  public: (written) => (!isPrivate(written) && written.address.range() === 'unicast' ? written.text : undefined),
  first_usable: (written) => usable(written, true),
  last_usable: (written) => usable(written, false),
}

const asked = (query: unknown, filter: string): ((written: Written) => unknown) => {
  if (typeof query === 'number' || (typeof query === 'string' && /^-?\d+$/.test(query))) return (written) => nth(written, Number(query))
  const known = typeof query === 'string' && Object.hasOwn(queries, query) ? queries[query] : undefined
  if (known !== undefined) return known
  const network = read(query)
  if (network !== undefined) return (written) => (inside(written, network) ? written.text : undefined)
  throw wrongType(`${filter} cannot be asked that`, `ask a network such as 10.0.0.0/8, a number, or ${Object.keys(queries).filter((name) => name !== '').join(', ')}`)
}

const answer = (input: unknown, of: (written: Written) => unknown, wanted: (written: Written) => boolean): unknown => {
  const one = (value: unknown): unknown => {
    const written = read(value)
    return written === undefined || !wanted(written) ? undefined : of(written)
  }
  if (isList(input)) return input.map(one).filter((found) => found !== undefined)
  if (isMap(input)) throw wrongType('an address is a text', 'go over the values with | dict2items | map(attribute=\'value\')')
  return one(input) ?? false
}

const ofVersion = (name: 'ipv4' | 'ipv6', summary: string, expression: string, gives: unknown): Filter => ({
  name, summary, example: { expression, gives }, parameters: ['query?'], secrets: 'hidden',
  apply: (input, given) => answer(input, asked(given.value('query') ?? '', name), ({ address }) => address.kind() === name),
})

const wrapped = (value: unknown): unknown => {
  const written = read(value)
  return written?.address.kind() === 'ipv6' ? `[${written.address.toString()}]${written.bare ? '' : `/${written.prefix}`}` : value
}

/** Whether an address or a network lies in a network; that a text is neither is a mistake. */
export const liesIn = (text: string, network: string): boolean => {
  const [one, other] = [read(text), read(network)]
  if (one === undefined || other === undefined) throw wrongType('in_network asks about addresses', 'write addresses such as 10.0.3.7 and networks such as 10.0.0.0/8')
  return inside(one, other)
}

/** Filters on addresses and networks. */
export const addressFilters: readonly Filter[] = [
  {
    name: 'ipaddr', summary: 'What is asked of an address or network: address, network, netmask, prefix, broadcast, subnet, size, version, private, public, first_usable, last_usable, a number for the nth address, or a network that it must lie in. False where a text is no such address; of a list, what the others give.',
    example: { expression: "'192.0.2.7/24' | ipaddr('network')", gives: '192.0.2.0' },
    parameters: ['query?'], secrets: 'hidden', apply: (input, given) => answer(input, asked(given.value('query') ?? '', 'ipaddr'), () => true),
  },
  ofVersion('ipv4', 'The same as ipaddr, of IPv4 alone.', "['192.0.2.7', '::1', 'x'] | ipv4", ['192.0.2.7']),
  ofVersion('ipv6', 'The same as ipaddr, of IPv6 alone.', "['192.0.2.7', '::1', 'x'] | ipv6", ['::1']),
  {
    name: 'ipwrap', summary: 'The text, and an IPv6 address in brackets, as URLs have it.', example: { expression: "'2001:db8::5' | ipwrap", gives: '[2001:db8::5]' },
    parameters: [], secrets: 'hidden', apply: (input) => (isList(input) ? input.map(wrapped) : wrapped(input)),
  },
]
