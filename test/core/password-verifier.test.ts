import { describe, expect, it } from 'vitest'
import { matchesCachingSha2, matchesScram, nativeVerifier, scramSalt, scramVerifier, sha256Crypt } from '../../src/core/password-verifier.js'

describe('nativeVerifier', () => {
  it('is what MariaDB 10.11 answers to SELECT PASSWORD(…)', () => expect(nativeVerifier('x')).toBe('*B69027D44F6E5EDC07F1AEAD1477967B16F28227'))
})

describe('sha256Crypt', () => {
  it.each([
    ['secret pw', 'u38dWrnZovI.F76EjRazu8CK4f245zUyWOpc8bj.Ev2'],
    ['x'.repeat(70), 'lZK56QNQPN6R4.IHMn4/mfyfL52QchLo7qGrBRL5dp0'],
  ])('is what `openssl passwd -5 -salt abcdefgh` answers for %s', (password, digest) => expect(sha256Crypt(password, Buffer.from('abcdefgh'), 5000)).toBe(digest))
  it('takes an empty password', () => expect(sha256Crypt('', Buffer.from('abcdefgh'), 5000)).toHaveLength(43))
})

describe('matchesCachingSha2', () => {
  // the published example of hashcat's mode 7401
  const verifier = `$A$005$${Buffer.from('F9CC98CE08892924F50A213B6BC571A2C11778C5', 'hex').toString('latin1')}${Buffer.from('625479393559393965414D45316477456B484F41316E64484742577A2E3162785353526B7554584647562F', 'hex').toString('latin1')}`
  it('knows the password', () => expect(matchesCachingSha2(verifier, 'hashcat')).toBe(true))
  it('refuses another', () => expect(matchesCachingSha2(verifier, 'Hashcat')).toBe(false))
  it('refuses another kind of verifier', () => expect(matchesCachingSha2('*B69027D44F6E5EDC07F1AEAD1477967B16F28227', 'x')).toBe(false))
})

describe('scramVerifier', () => {
  // PostgreSQL 15: CREATE ROLE … PASSWORD 'x y#"z', then rolpassword of pg_authid
  const stored = 'SCRAM-SHA-256$4096:rXoA10XafmHAwuM1gWhpqw==$zxVHHzAa+S0DrOFq3lKUjPxr3vpdpxilJqWXruJTz9s=:Ii3BK7ROh+iC3R4kluWmDkeGd8vv0ZDZaA6z9CkHdDM='
  it('is what PostgreSQL stores', () => expect(matchesScram(stored, 'x y#"z')).toBe(true))
  it('refuses another password', () => expect(matchesScram(stored, 'x y#"Z')).toBe(false))
  it('refuses another kind of verifier', () => expect(matchesScram('md5c4ca4238a0b923820dcc509a6f75849b', '1')).toBe(false))
  it('takes letters that are written in two ways as one', () => expect(matchesScram(scramVerifier('\u00e9', scramSalt('a', 'b')), 'e\u0301')).toBe(true))
})

describe('scramSalt', () => {
  it('differs where one part does', () => expect(scramSalt('1', '23')).not.toEqual(scramSalt('12', '3')))
})
