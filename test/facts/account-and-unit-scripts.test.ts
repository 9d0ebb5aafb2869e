import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import type { HostFact } from '../../src/core/fact.js'
import { condition } from '../../src/facts/condition.js'
import { group } from '../../src/facts/group.js'
import { packageOf } from '../../src/facts/package.js'
import { sysctlValue } from '../../src/facts/sysctl.js'
import { unit } from '../../src/facts/unit.js'
import { userGroups } from '../../src/facts/user-groups.js'
import { user } from '../../src/facts/user.js'

const NASTY = `nothing'"$(id)*`

const ask = (facts: readonly HostFact[]): { readonly stdout: string; readonly replies: readonly string[] } => {
  const kind = facts[0]?.kind
  if (kind === undefined) throw new RangeError('nothing to ask')
  const subjects = facts.map(({ subject }) => subject as string) // every kind here is asked by name
  const { stdout, status, stderr } = spawnSync('sh', { input: String(kind.script(subjects)), encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(status).toBe(0)
  return { stdout, replies: kind.split(stdout, subjects) }
}

describe.each<{ readonly facts: readonly [HostFact, ...HostFact[]] }>([
  { facts: [condition('test -d /'), condition('test -e /nothing'), condition('echo "unbalanced'), condition('exit 3')] },
  { facts: [group('root'), group('nobody-here'), group(NASTY)] },
  { facts: [packageOf('libc6'), packageOf('nothing-here', '1.0'), packageOf('libc6', '1.0')] },
  { facts: [sysctlValue('kernel.ostype'), sysctlValue('net.nothing.here')] },
  { facts: [unit('nothing-here.service'), unit('dbus.service')] },
  { facts: [userGroups('root'), userGroups('nobody-here'), userGroups(NASTY)] },
  { facts: [user('nobody-here'), user('root'), user(NASTY)] },
])('the script of $facts.0.kind.name', ({ facts }) => {
  const [{ kind }] = facts
  const { stdout, replies } = ask(facts)
  it('gives one reply a subject, which join puts together again', () => {
    expect(replies).toHaveLength(facts.length)
    expect(kind.join(replies, facts.map(({ subject }) => subject as string))).toBe(stdout)
  })
  it('says the same when asked again, and when asked alone', () => {
    expect(ask(facts).stdout).toBe(stdout)
    facts.forEach((fact, index) => expect(ask([fact]).replies).toEqual([replies[index]]))
  })
})

it('tells what this machine has', () => {
  const read = <T>(fact: HostFact<T>): T => fact.kind.parse(fact.subject, ask([fact]).replies[0] ?? '')
  expect(read(condition('test -d /'))).toBe(true)
  expect(read(group('root'))).toEqual({ exists: true, gid: 0 })
  expect(read(group(NASTY))).toEqual({ exists: false })
  expect(read(user('root'))).toMatchObject({ exists: true, uid: 0, group: 'root', home: '/root' })
  expect(read(userGroups('root'))).toContain('root')
  expect(read(sysctlValue('kernel.ostype'))).toBe('Linux')
  expect(read(sysctlValue('net.nothing.here'))).toBeNull()
})
