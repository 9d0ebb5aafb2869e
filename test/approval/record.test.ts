import { describe, expect, it } from 'vitest'
import { planFileText, readPlanFile } from '../../src/approval/plan-file.js'
import { recordOf } from '../../src/approval/record.js'
import type { Change } from '../../src/core/change.js'
import type { PlannedStep } from '../../src/core/plan.js'
import { Secret } from '../../src/core/secret.js'

const place = { file: 'site.yaml', line: 3, column: 7 }
const planned = (verdict: PlannedStep['verdict'], args: unknown = { path: '/etc/x' }, risks: NonNullable<PlannedStep['basis']>['risks'] = []): PlannedStep =>
  ({ play: 'Play', host: 'a', step: 'step', module: 'file', place, verdict, basis: { user: 'sudo:root', needs: ['file:/etc/x'], args, kind: 'state', risks } })
const put = (content: string | Secret): Change => ({ summary: 'create /etc/x', actions: [{ do: 'put', path: '/etc/x', content, mode: '0600', owner: 'root', group: 'root' }], predicts: [{ fact: 'file:/etc/x', value: { type: 'file' } }] })
const answers = new Map([['a', [{ user: 'sudo:root', key: 'file:/etc/x', reply: 'absent hunter22' }]]])
const record = (step: PlannedStep, key = 'key') => recordOf({ steps: [step], lost: {} }, answers, { key: new Secret(key), mask: (text) => text.replaceAll('hunter22', '••••••••') })

describe('a plan that is written down', () => {
  it('holds no secret, tells equal ones from others, and says that there is one', () => {
    const [one, same, other] = ['hunter22', 'hunter22', 'hunter23'].map((text) => record(planned({ status: 'change', changes: [put(new Secret(text))] }, { content: new Secret(text) })))
    expect(JSON.stringify(one)).not.toContain('hunter22')
    expect(one).toEqual(same)
    expect(other?.steps[0]?.fingerprint).not.toBe(one?.steps[0]?.fingerprint)
    expect(other?.steps[0]?.changes[0]?.fingerprint).not.toBe(one?.steps[0]?.changes[0]?.fingerprint)
    expect(one?.steps[0]?.risks).toEqual(['secret'])
    expect(one?.steps[0]?.changes[0]).toMatchObject({ holds: ['file:/etc/x'], 'back-out': 'put back /etc/x as it was, or remove it where there was none', actions: [{ do: 'put', content: '••••••••' }] })
  })

  it('tells by its fingerprints nothing to who has no key', () => {
    const step = planned({ status: 'ok' })
    expect(record(step, 'one').hosts['a']?.facts).not.toEqual(record(step, 'other').hosts['a']?.facts)
  })

  it('is exact where everything is decided, and else bounded, with the arguments of what is open', () => {
    expect(record(planned({ status: 'ok' }))).toMatchObject({ class: 'exact', steps: [{ verdict: 'ok', reason: 'it is so already' }] })
    expect(record(planned({ status: 'deferred', until: 'gate' }))).toMatchObject({ class: 'bounded', steps: [{ 'known-after': 'gate', arguments: { path: '/etc/x' } }] })
    expect(record(planned({ status: 'change', changes: [put('x')] }, { run: 'true' }, ['opaque']))).toMatchObject({ class: 'bounded', steps: [{ risks: ['opaque'], arguments: { run: 'true' } }] })
  })

  it('tells files of this machine by what they hold, wherever they lie', () => {
    const of = (local: string, stamp: string) => record(planned({ status: 'change', changes: [{ ...put(''), actions: [{ do: 'put', path: '/x', content: { local, sha256: 'a', size: 1, stamp }, mode: '0644', owner: 'root', group: 'root' }] }] }))
    expect(of('/home/alice/jar', 'now')).toEqual(of('/home/bob/jar', 'then'))
  })

  it('knows what is removed, by what is foretold and by what is asked for', () => {
    expect(record(planned({ status: 'change', changes: [{ ...put(''), predicts: [{ fact: 'file:/etc/x', value: { type: 'absent' } }] }] })).steps[0]?.risks).toEqual(['destructive'])
    expect(record(planned({ status: 'deferred', until: 'gate' }, { state: 'absent' })).steps[0]?.risks).toEqual(['destructive'])
  })

  it('is read back as it was written', () => {
    const body = record(planned({ status: 'change', changes: [put('x')] }))
    const header = { tool: { version: '1' }, created: '2026-01-01T00:00:00.000Z', author: 'a', playbook: 'p', inventory: ['i'], set: [], inputs: { root: `sha256:${'0'.repeat(64)}`, files: {} }, key: 'none', 'key-check': '0'.repeat(32) } as const
    const text = planFileText({ ...header, inventory: ['i'], set: [] }, body)
    expect(readPlanFile(text, 'x.plan').plan).toEqual(body)
    expect(planFileText({ ...header, inventory: ['i'], set: [] }, body)).toBe(text)
  })
})
