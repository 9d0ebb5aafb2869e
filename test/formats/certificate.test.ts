import { X509Certificate, createPrivateKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Issue } from '../../src/core/change.js'
import { Secret } from '../../src/core/secret.js'
import { namesLacking } from '../../src/core/certificate-names.js'
import { publicKeyOfPrivate, readCertificate } from '../../src/facts/x509.js'
import { issue, issued } from '../../src/formats/certificate.js'

const node: Issue = { commonName: 'node1', names: ['node1.example.org', '10.0.0.1', '2001:db8::1'], days: 30, key: 'ec256' }
const authority = async (key: Issue['key'], days = 3650): Promise<NonNullable<Issue['authority']>> => issue({ commonName: 'Our CA, "Ünï"', names: [], days, key, isAuthority: true })

describe('issue', () => {
  it.each(['ec256', 'rsa2048'] as const)('makes an authority on %s whose certificates verify', async (key) => {
    const ca = await authority(key)
    const made = await issue({ ...node, authority: ca })
    const certificate = new X509Certificate(made.certificate)
    expect(certificate.verify(new X509Certificate(ca.certificate).publicKey)).toBe(true)
    expect(certificate.checkIssued(new X509Certificate(ca.certificate))).toBe(true)
    expect(certificate.checkPrivateKey(createPrivateKey(made.key.reveal()))).toBe(true)
    expect([certificate.checkHost('node1.example.org'), certificate.checkIP('10.0.0.1')]).toEqual(['node1.example.org', '10.0.0.1'])
    expect(made.authority).toBe(ca.certificate)
    const told = readCertificate(made.certificate)
    expect(told).toMatchObject({ commonName: 'node1', names: ['10.0.0.1', '2001:db8::1', 'node1.example.org'], authority: false, key: 'ec256', issuer: readCertificate(ca.certificate)?.keyId })
    expect(told?.publicKey).toBe(publicKeyOfPrivate(made.key, 'the key'))
    expect(readCertificate(ca.certificate)).toMatchObject({ commonName: 'Our CA, "Ünï"', names: [], authority: true, issuer: 'self' })
  })

  it('signs itself without an authority', async () => {
    const { certificate, authority: none } = await issue(node)
    expect(new X509Certificate(certificate).keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'])
    expect(readCertificate(certificate)?.issuer).toBe('self')
    expect(none).toBeUndefined()
  })

  it('ends no later than its authority, and began an hour ago', async () => {
    const ca = await authority('ec256', 5)
    const made = new X509Certificate((await issue({ ...node, authority: ca })).certificate)
    expect(made.validTo).toBe(new X509Certificate(ca.certificate).validTo)
    expect(Date.now() - Date.parse(made.validFrom)).toBeGreaterThan(3_500_000)
  })

  it('tells the action key, certificate and authority in this order, as one secret', async () => {
    const text = await issued({ ...node, authority: await authority('ec256') })
    expect(String(text)).not.toContain('BEGIN')
    expect(text.reveal().match(/-----BEGIN [A-Z ]+-----/g)).toEqual(['-----BEGIN PRIVATE KEY-----', '-----BEGIN CERTIFICATE-----', '-----BEGIN CERTIFICATE-----'])
    expect((await issued(node)).reveal().match(/-----BEGIN [A-Z ]+-----/g)).toHaveLength(2)
  })

  it.each([
    ['nonsense', 'nonsense'],
    ['a key of another type', '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n'],
  ])('refuses %s, without citing it', async (_name, key) => {
    const { certificate } = await authority('ec256')
    const error: unknown = await issue({ ...node, authority: { certificate, key: new Secret(key) } }).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'unusable-key' })
    expect(JSON.stringify(error) + String(error)).not.toContain('MC4C')
  })
})

it('a wildcard covers one label of a DNS name', () => {
  expect(namesLacking(['a.example.org', 'b.a.example.org', '10.0.0.1', 'short'], ['*.example.org', '*.0.0.1'])).toEqual(['b.a.example.org', '10.0.0.1', 'short'])
})
