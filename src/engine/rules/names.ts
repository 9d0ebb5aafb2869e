import { claimsOf, pairs, placeWord, type Rule } from './rule.js'

/** A host takes a name for two addresses of one kind: each run, the second step undoes the first. */
export const twoAddresses: Rule = (hosts) => hosts.flatMap((host) => pairs(claimsOf(host, 'name')).flatMap(([one, other]) => {
  const { name, address } = other.claim
  if (one.claim.name !== name || one.claim.address === address || one.claim.address.includes(':') !== address.includes(':')) return []
  return [{ host: host.name, code: 'two-addresses-of-a-name', at: other.place, message: `${name} leads to ${one.claim.address} and to ${address}`, hint: `the first stands at ${placeWord(one.place)}: keep one of them` }]
}))

/** A host takes the name of another one for itself. */
export const loopbackNames: Rule = (hosts) => hosts.flatMap((host) => claimsOf(host, 'name').flatMap(({ claim, place }) => {
  const other = hosts.find(({ name }) => name !== host.name && name.toLowerCase() === claim.name)
  if (other === undefined || !isLoopback(claim.address)) return []
  return [{ host: host.name, code: 'loopback-name', at: place, message: `${claim.name} leads to ${claim.address}: whoever asks for ${other.name} reaches itself`, hint: `give the address of ${other.name}: "{{ hosts['${other.name}'].address }}"` }]
}))

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1'
