import { describe, expect, it } from 'vitest'
import { claimOf, type Claim } from '../../src/core/claim.js'
import type { Place } from '../../src/core/errors.js'
import { rules } from '../../src/engine/rules/index.js'
import { modules } from '../../src/modules/index.js'
import type { ClaimedHost } from '../../src/engine/rules/rule.js'

const at = (line: number): Place => ({ file: 'site.yaml', line, column: 7 })
/** A host of which these things are said, one a line. */
const host = (name: string, claims: readonly Claim[], more: Partial<ClaimedHost> = {}): ClaimedHost =>
  ({ name, place: { file: 'hosts.yaml', line: 1, column: 1 }, ...more, said: claims.map((claim, index) => ({ claim, step: `step ${index + 1}`, place: at(index + 1) })) })
/** Every finding as `host line code: message`. */
const found = (...hosts: readonly ClaimedHost[]): readonly string[] => rules.flatMap((rule) => rule(hosts)).map(({ host: of, at: { line }, code, message }) => `${of} ${line} ${code}: ${message}`)

const file = (is: Readonly<Record<string, unknown>>, path = '/etc/motd'): Claim => claimOf(`file:${path}`, { type: 'file', ...is })
const port = (number: number, unit: string, address?: string): Claim => ({ claims: 'port', port: number, unit, ...(address === undefined ? {} : { address }) })
const name = (word: string, address: string): Claim => ({ claims: 'name', name: word, address })

describe('two steps about one object of a host', () => {
  it('contradict each other where both say something, and differently', () => {
    expect(found(host('a', [file({ content: 'x' }), file({ content: 'y' })]))).toEqual(['a 2 contradicting-steps: "step 1" and "step 2" contradict each other about file:/etc/motd: different content'])
    expect(found(host('a', [file({ mode: '0644' }), file({ mode: '0600' })]))).toEqual(['a 2 contradicting-steps: "step 1" and "step 2" contradict each other about file:/etc/motd: mode 0644, then 0600'])
    expect(found(host('a', [file({ content: 'x' }), claimOf('file:/etc/motd', { type: 'absent' })]))).toEqual(['a 2 contradicting-steps: "step 1" and "step 2" contradict each other about file:/etc/motd: type file, then absent'])
  })
  it('agree where they say the same, nothing of it, or something of another object or host', () => {
    expect(found(host('a', [file({ content: 'x', mode: '0644' }), file({ content: 'x' }), file({ mode: '0644' }), file({ owner: 'app', content: undefined }), file({ content: 'y' }, '/etc/other')]), host('b', [file({ content: 'y' })]))).toEqual([])
  })
  it('are told once for a step that contradicts several', () => {
    expect(found(host('a', [file({ content: 'x' }), file({ content: 'x' }), file({ content: 'y' })]))).toHaveLength(1)
  })
})

describe('steps of modules', () => {
  const claimed = (name: string, args: unknown): readonly Claim[] => {
    const module = modules.get(name)
    return module?.claims?.(module.args.parse(args), { host: 'a', lookup: () => undefined }) ?? []
  }
  const sha256 = '0'.repeat(64)
  it.each([
    ['hostname', { name: 'a' }, { name: 'b' }, 1],
    ['hostname', { name: 'a' }, { name: 'a' }, 0],
    ['timezone', { name: 'UTC' }, { name: 'Europe/Berlin' }, 1],
    ['get-url', { url: 'https://a/x', path: '/x', sha256 }, { url: 'https://b/x', path: '/x', sha256: '1'.repeat(64) }, 1],
    ['get-url', { url: 'https://a/x', path: '/x', sha256 }, { url: 'https://b/x', path: '/x', sha256 }, 0],
    ['mount', { path: '/srv', state: 'absent' }, { path: '/srv', state: 'mounted', src: 'tmpfs', fstype: 'tmpfs' }, 1],
    ['mount', { path: '/srv', state: 'unmounted' }, { path: '/srv', state: 'present', src: 'tmpfs', fstype: 'tmpfs' }, 0],
    ['rsync', { from: 'b', src: '/srv', path: '/srv' }, { from: 'c', src: '/srv', path: '/opt' }, 0],
  ])('%s %j and %j are so many mistakes: %i', (module, one, other, mistakes) => {
    expect(found(host('a', [...claimed(module, one), ...claimed(module, other)]))).toHaveLength(mistakes)
  })
})

describe('ports of a host', () => {
  it('belong to one unit', () => {
    expect(found(host('a', [port(80, 'a.socket'), port(80, 'b.socket')]))).toEqual(['a 2 port-taken: a.socket and b.socket both listen on port 80'])
    expect(found(host('a', [port(80, 'a.socket', '0.0.0.0'), port(80, 'b.socket', '10.0.0.1')]))).toHaveLength(1)
  })
  it('belong to one unit of all nodes of its machine', () => {
    const one = host('a', [port(80, 'a.service')], { machine: 'm' })
    expect(found(one, host('b', [port(80, 'b.service')], { machine: 'm' }))).toEqual(['a 1 port-taken: a.service and b.service both listen on port 80'])
    expect(found(one, host('b', [port(81, 'b.service')], { machine: 'm' }), host('c', [port(80, 'b.service')], { machine: 'n' }))).toEqual([])
  })
  it('are others on other addresses, hosts, and for the same unit', () => {
    expect(found(host('a', [port(80, 'a.socket', '127.0.0.1'), port(80, 'b.socket', '10.0.0.1'), port(81, 'b.socket'), port(81, 'b.socket')]), host('b', [port(80, 'c.socket')]))).toEqual([])
  })
})

describe('addresses of the inventory', () => {
  const ssh = (of: string, address: string, sshPort = 22): ClaimedHost => host(of, [], { address, sshPort })
  it('belong to one host', () => { expect(found(ssh('a', '10.0.0.1'), ssh('b', '10.0.0.2'), ssh('c', '10.0.0.1'))).toEqual(['c 1 one-address: a and c have the same address 10.0.0.1']) })
  it('may be those of several nodes that say so', () => {
    const node = (of: string, machine: string | undefined): ClaimedHost => ({ ...ssh(of, '10.0.0.1'), ...(machine === undefined ? {} : { machine }) })
    expect(found(node('a', 'm'), node('b', 'm'))).toEqual([])
    expect(found(node('a', 'm'), node('b', 'n'))).toHaveLength(1)
    expect(found(node('a', undefined), node('b', undefined))).toHaveLength(1)
  })
  it('may be forwarded to several by port, and say nothing of hosts that are reached in other ways', () => {
    expect(found(ssh('a', '127.0.0.1', 2222), ssh('b', '127.0.0.1', 2200), host('c', [], { address: '127.0.0.1' }), host('d', [], { address: '127.0.0.1' }), host('e', []))).toEqual([])
  })
})

describe('names that a host takes for an address', () => {
  it('lead to one address of a kind', () => {
    expect(found(host('a', [name('db', '10.0.0.1'), name('db', '10.0.0.2')]))).toEqual(['a 2 two-addresses-of-a-name: db leads to 10.0.0.1 and to 10.0.0.2'])
    expect(found(host('a', [name('db', '10.0.0.1'), name('db', 'fd00::1'), name('db', '10.0.0.1'), name('web', '10.0.0.2')]))).toEqual([])
  })
  it('do not lead to itself where they are those of others', () => {
    expect(found(host('mi1', [name('db1', '127.0.1.1'), name('mi1', '127.0.1.1'), name('other', '127.0.0.1')]), host('db1', []))).toEqual(['mi1 1 loopback-name: db1 leads to 127.0.1.1: whoever asks for db1 reaches itself'])
    expect(found(host('mi1', [name('db1', '::1')]), host('DB1', []))).toHaveLength(1)
  })
})

describe('names that hosts are asked under by TLS', () => {
  const asks = (word: string): Claim => ({ claims: 'trust', name: word, url: `https://${word}/` })
  const shows = (...names: readonly string[]): Claim => ({ claims: 'certificate', path: '/etc/ssl/a.pem', names })
  const mi1 = (...claims: readonly Claim[]): ClaimedHost => host('mi1', claims, { address: '10.0.0.11' })
  it('stand in a certificate of that host', () => {
    expect(found(host('lb1', [asks('10.0.0.11')]), mi1(shows('mi1', 'localhost')))).toEqual(['lb1 1 name-not-in-certificate: https://10.0.0.11/ is asked, but no certificate of mi1 is valid for 10.0.0.11'])
    expect(found(host('lb1', [asks('10.0.0.11'), asks('mi1')]), mi1(shows('mi1'), shows('10.0.0.11')))).toEqual([])
    expect(found(host('lb1', [asks('mi1.example.org')]), host('mi1.example.org', [shows('*.example.org')]))).toEqual([])
  })
  it('say nothing of hosts whose certificates nobody gives, and of names that are no host', () => { expect(found(host('lb1', [asks('10.0.0.11'), asks('example.org')]), mi1(), host('mi2', [shows('mi2')]))).toEqual([]) })
})
