import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { hostKeyError } from '../../src/transport/host-key.js'
import { fingerprint, judgeHostKey, keyType, knownName, parseKnownHosts, preferredAlgorithms } from '../../src/transport/known-hosts.js'

const blob = (type: string, content: string): Buffer => {
  const field = (value: string): Buffer => Buffer.concat([Buffer.from([0, 0, 0, value.length]), Buffer.from(value)])
  return Buffer.concat([field(type), field(content)])
}
const key = blob('ssh-ed25519', 'one')
const other = blob('ssh-ed25519', 'two')
const rsa = blob('ssh-rsa', 'three')
const line = (names: string, of: Buffer, marker = ''): string => `${marker}${names} ${keyType(of)} ${of.toString('base64')} comment\n`
const judge = (text: string, name: string, of = key): string => judgeHostKey(parseKnownHosts(text, 'known_hosts'), name, of).status
const hashed = (name: string): string => {
  const salt = Buffer.from('a salt of twenty byte')
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`
}

describe('known_hosts', () => {
  it.each([
    ['a plain name', line('web1', key), 'web1', 'known'],
    ['one of several names', line('web0,web1,10.0.0.1', key), '10.0.0.1', 'known'],
    ['another name', line('web2', key), 'web1', 'unknown'],
    ['part of a name', line('web', key), 'web1', 'unknown'],
    ['names in other case', line('Web1.Example.ORG', key), knownName('WEB1.example.org', 22), 'known'],
    ['a port', line('[web1]:2222', key), knownName('web1', 2222), 'known'],
    ['a name without the port', line('web1', key), knownName('web1', 2222), 'unknown'],
    ['a wildcard', line('web*.lan', key), 'web17.lan', 'known'],
    ['a single-letter wildcard', line('web?', key), 'web1', 'known'],
    ['a single-letter wildcard and no letter', line('web?', key), 'web', 'unknown'],
    ['a negation', line('*.lan,!web1.lan', key), 'web1.lan', 'unknown'],
    ['a negation of another', line('*.lan,!web2.lan', key), 'web1.lan', 'known'],
    ['dots taken literally', line('web1xlan', key), 'web1.lan', 'unknown'],
    ['a hashed name', line(hashed('web1'), key), 'web1', 'known'],
    ['a hashed name with port', line(hashed('[web1]:2222'), key), knownName('web1', 2222), 'known'],
    ['another hashed name', line(hashed('web2'), key), 'web1', 'unknown'],
    ['another key', line('web1', other), 'web1', 'changed'],
    ['a key of another type', line('web1', rsa), 'web1', 'changed'],
    ['several keys', line('web1', rsa) + line('web1', other) + line('web1', key), 'web1', 'known'],
    ['a revoked key', line('web1', key) + line('*', key, '@revoked '), 'web1', 'revoked'],
    ['a revoked other key', line('web1', key) + line('*', other, '@revoked '), 'web1', 'known'],
    ['only an authority', line('*.lan', other, '@cert-authority '), 'web1.lan', 'unknown'],
    ['comments and rubbish', `# x\n\n  \nweb1\nweb1 ssh-ed25519\n@odd web1 a b\n${line('web1', key)}`, 'web1', 'known'],
    ['Windows line ends', line('web1', key).replace(' comment\n', '\r\n'), 'web1', 'known'],
  ])('with %s', (_title, text, name, status) => {
    expect(judge(text, name)).toBe(status)
  })

  it('puts the algorithms of known keys first', () => {
    expect(preferredAlgorithms(parseKnownHosts(line('web1', rsa), 'f'), 'web1').slice(0, 3)).toEqual(['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'])
    expect(preferredAlgorithms([], 'web1')[0]).toBe('ssh-ed25519')
    expect(preferredAlgorithms(parseKnownHosts(line('web1', rsa, '@revoked '), 'f'), 'web1')[0]).toBe('ssh-ed25519')
  })
})

describe('an error about a host key', () => {
  const check = { host: 'web1', hostname: '10.0.0.1', port: 2222, pinned: [], known: [], file: '/home/o/.ssh/known_hosts' }

  it('says how to trust an unknown one', () => {
    const error = hostKeyError(check, key)
    expect(error?.message).toBe(`the host key of web1 ([10.0.0.1]:2222) is not known: it shows ssh-ed25519 ${fingerprint(key)}`)
    expect(error?.hint).toContain('`ssh-keyscan -t ed25519 -p 2222 10.0.0.1 >> /home/o/.ssh/known_hosts`')
  })

  it('says that an authority does not count', () => {
    const known = parseKnownHosts(line('[10.0.0.1]:2222', other, '@cert-authority '), 'f')
    expect(hostKeyError({ ...check, known }, key)?.message).toContain('host certificates are not supported')
  })

  it('names the line that knows another one, and looks under the alias', () => {
    const known = parseKnownHosts(line('real-name', other), '/etc/ssh/ssh_known_hosts')
    expect(hostKeyError({ ...check, alias: 'real-name', known }, key)).toMatchObject({ code: 'changed-host-key', message: expect.stringContaining('/etc/ssh/ssh_known_hosts:1') })
  })

  it('lets pinned fingerprints replace the files', () => {
    const known = parseKnownHosts(line('[10.0.0.1]:2222', key), 'f')
    expect(hostKeyError({ ...check, pinned: [fingerprint(key)] }, key)).toBeUndefined()
    expect(hostKeyError({ ...check, known, pinned: [fingerprint(other)] }, key)).toMatchObject({ code: 'changed-host-key', exit: 4 })
  })
})
