import { expect, it } from 'vitest'
import type { Change } from '../../src/core/change.js'
import type { Scope } from '../../src/core/fact.js'
import { bind } from '../../src/core/module.js'
import { keystore } from '../../src/modules/keystore.js'

const scope: Scope = { host: 'mi1', lookup: (name) => { throw new RangeError(name) } }
const access = { mode: '0644', owner: 'app', group: 'app' }
const [pem, key] = ['/etc/ssl/mi1.pem', '/etc/ssl/mi1.key']

/** What a reader agrees to when the certificate is known by these fields. */
const agreed = (certificate: object, privateKey: object): unknown => {
  const bound = bind(keystore, keystore.args.parse({ path: '/opt/app/node.p12', password: 'secret-1', owner: 'app', group: 'app', entries: [{ alias: 'node', key, certificate: pem }] }), scope)
  const changes: readonly Change[] = bound.check({
    now: { type: 'absent' }, folder: { type: 'directory', ...access }, who: { user: 'root', group: 'root' }, keytool: '/usr/bin/keytool', openssl: '/usr/bin/openssl',
    [`certificate ${pem}`]: { type: 'certificate', ...access, commonName: 'mi1', names: [], authority: false, key: 'rsa3072', issuer: 'x', ...certificate },
    [`key ${key}`]: { type: 'key', ...access, ...privateKey },
  })
  return changes.map(({ summary, diff, actions }) => ({ summary, diff, actions }))
}

it('says the same of a certificate that is still to be issued as of the one that was', () => {
  expect(agreed({}, {})).toEqual(agreed({ sha256: 'a'.repeat(64), publicKey: 'k' }, { publicKey: 'k' }))
})
