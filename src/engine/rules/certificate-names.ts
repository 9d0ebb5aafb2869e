import { canonicalName, namesLacking } from '../../core/certificate-names.js'
import { claimsOf, placeWord, type ClaimedHost, type Rule } from './rule.js'

/** A host asks another one by TLS under a name that none of the certificates which steps give to that one is valid for. */
export const certificateNames: Rule = (hosts) => hosts.flatMap((host) => claimsOf(host, 'trust').flatMap(({ claim: { name, url }, place }) => {
  const asked = hosts.find((other) => isCalled(other, name))
  const shown = asked === undefined ? [] : claimsOf(asked, 'certificate')
  const [first] = shown
  if (asked === undefined || first === undefined || shown.some(({ claim }) => namesLacking([name], claim.names).length === 0)) return []
  return [{
    host: host.name, code: 'name-not-in-certificate', at: place, message: `${url} is asked, but no certificate of ${asked.name} is valid for ${name}`,
    hint: `add it to the \`names\` of ${first.claim.path} at ${placeWord(first.place)}: ${first.claim.names.join(', ')}`,
  }]
}))

const isCalled = (host: ClaimedHost, name: string): boolean => [host.name, host.address].some((word) => word !== undefined && canonicalName(word) === name)
