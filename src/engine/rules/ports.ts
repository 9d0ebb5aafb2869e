import { claimsOf, machines, pairs, placeWord, type Rule } from './rule.js'

/** Two units of a machine listen on one port: the second does not start. */
export const ports: Rule = (hosts) => machines(hosts).flatMap((host) => pairs(claimsOf(host, 'port')).flatMap(([one, other]) => {
  const { port, unit, address } = one.claim
  if (other.claim.port !== port || other.claim.unit === unit || !overlap(address, other.claim.address)) return []
  return [{
    host: host.name, code: 'port-taken', at: other.place, message: `${unit} and ${other.claim.unit} both listen on port ${port}`,
    hint: `the first stands at ${placeWord(one.place)}: give one of them another port`,
  }]
}))

const everywhere = ['0.0.0.0', '::', undefined]
const overlap = (one: string | undefined, other: string | undefined): boolean => one === other || everywhere.includes(one) || everywhere.includes(other)
