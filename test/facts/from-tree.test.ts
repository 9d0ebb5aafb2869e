import { describe, expect, it } from 'vitest'
import type { FileTree } from '../../src/core/change.js'
import { Secret } from '../../src/core/secret.js'
import { certificateAt } from '../../src/facts/certificate.js'
import { fileState } from '../../src/facts/file.js'
import { jarsIn } from '../../src/facts/jars.js'
import { keystoreAt } from '../../src/facts/keystore.js'
import { privateKeyAt } from '../../src/facts/private-key.js'
import { program } from '../../src/facts/program.js'
import type { HostFact } from '../../src/core/fact.js'

const access = { mode: '0644', owner: 'app', group: 'app' }
const text = (content: string, mode = '0644'): ReturnType<typeof fileState> => fileState(Buffer.from(content), { ...access, mode })
const tree: FileTree = {
  root: '/opt/app-1',
  entries: {
    lib: { type: 'directory', ...access, mode: '0755' }, 'lib/a.jar': null, 'lib/deep': { type: 'directory', ...access, mode: '0755' }, 'lib/deep/readme': text('x'),
    'bin/run': text('#!/bin/sh\n', '0755'), 'bin/plain': text('x'), 'bin/large': null, 'bin/link': { type: 'link', target: 'run', owner: 'app', group: 'app' },
    'keys/store.jks': null, 'keys/a.pem': text('no certificate'), 'keys/large.pem': null, 'keys/link.pem': { type: 'link', target: 'a.pem', owner: 'app', group: 'app' },
  },
}
const told = <T, S>(fact: HostFact<T, S>): T | undefined => fact.kind.fromTree?.(fact.subject, tree)
const keystore = (path: string): ReturnType<typeof keystoreAt> => keystoreAt({ path, password: new Secret('changeit'), keytool: 'keytool' })

describe('what follows from a tree', () => {
  it('jars', () => expect([told(jarsIn('/opt/app-1/lib')), told(jarsIn('/opt/app-1/lib/deep')), told(jarsIn('/opt/app-1/none'))]).toEqual([undefined, [], []]))

  it('programs', () => expect(['run', 'plain', 'large', 'link', 'none'].map((name) => told(program(`/opt/app-1/bin/${name}`)))).toEqual(['/opt/app-1/bin/run', null, undefined, undefined, null]))

  it('certificates', () => {
    expect(['none', 'a.pem', 'large.pem', 'link.pem'].map((name) => told(certificateAt(`/opt/app-1/keys/${name}`)))).toEqual([{ type: 'absent' }, { type: 'other' }, undefined, { type: 'link' }])
    expect(told(certificateAt('/opt/app-1/lib'))).toEqual({ type: 'other' })
  })

  it('keys and keystores', () => {
    expect([told(privateKeyAt('/opt/app-1/keys/a.pem')), told(privateKeyAt('/opt/app-1/keys/none'))]).toEqual([undefined, { type: 'absent' }])
    expect([told(keystore('/opt/app-1/keys/store.jks')), told(keystore('/opt/app-1/keys/none'))]).toEqual([undefined, { type: 'absent' }])
  })
})

describe('where an answer rests', () => {
  const reply = (stdout: string): string => Buffer.from(`${stdout}\0${'0'}\0`).toString('base64')
  const rests = <T, S>(fact: HostFact<T, S>, answer?: string): unknown => fact.kind.path?.(fact.subject, answer)
  it('follows links in the folder', () => {
    expect(rests(certificateAt('/opt/app/a.pem'))).toEqual({ path: '/opt/app/a.pem' })
    expect(rests(certificateAt('/opt/app/a.pem'), reply('\n'))).toEqual({ path: '/opt/app/a.pem' })
    expect(rests(privateKeyAt('/opt/app/a.key'), reply('/opt/app-1\n600|root|root\n'))).toEqual({ path: '/opt/app/a.key', real: '/opt/app-1/a.key' })
    expect(rests(keystore('/keys'), reply('/\n'))).toEqual({ path: '/keys', real: '/keys' })
    expect(rests(jarsIn('/opt/app/lib'), reply('/opt/app-1/lib\n'))).toEqual({ path: '/opt/app/lib', real: '/opt/app-1/lib' })
    expect([rests(jarsIn('/opt/app/lib')), rests(jarsIn('/opt/app/lib'), reply(''))]).toEqual([{ path: '/opt/app/lib' }, { path: '/opt/app/lib' }])
    expect([rests(program('unzip')), rests(program('unzip'), '/usr/bin/unzip')]).toEqual([{ path: 'unzip' }, { path: 'unzip', real: '/usr/bin/unzip' }])
  })
})
