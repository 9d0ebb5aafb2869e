import { pairs, placeWord, type Rule } from './rule.js'

/** Two hosts of the inventory are one machine: same address, same sshd. */
export const addresses: Rule = (hosts) => pairs(hosts.filter(({ address, sshPort }) => address !== undefined && sshPort !== undefined)).flatMap(([one, other]) =>
  (one.address === other.address && one.sshPort === other.sshPort && (one.machine === undefined || one.machine !== other.machine) ? [{
    host: other.name, code: 'one-address', at: other.place, message: `${one.name} and ${other.name} have the same address ${other.address ?? ''}`,
    hint: `the first stands at ${placeWord(one.place)}: correct one of them, make it one host, or say \`connection: { machine: ${one.name} }\` of the second, if they are two nodes on one`,
  }] : []))
