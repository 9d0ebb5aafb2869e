import { expect, it } from 'vitest'
import type { Change } from '../../src/core/change.js'
import type { RunEvent } from '../../src/core/events.js'
import { maskOf } from '../../src/core/mask.js'
import { Secret } from '../../src/core/secret.js'
import { maskedPlan, masking } from '../../src/report/masked.js'

const mask = maskOf(['hunter2!'])
const change: Change = {
  summary: 'update /etc/hunter2!.conf',
  diff: { lines: [{ sign: ' ', text: 'password=hunter2!' }, { sign: '+', text: 'b=1' }] },
  actions: [
    { do: 'put', path: '/etc/hunter2!.conf', content: 'password=hunter2!\nb=1\n', mode: '0644', owner: 'root', group: 'root' },
    { do: 'put', path: '/etc/other', content: new Secret('x', 'shown'), mode: '0644', owner: 'root', group: 'root' },
    { do: 'exec', script: 'true', stdin: 'hunter2!' }, { do: 'exec', script: 'true' },
  ],
  predicts: [{ fact: 'file:/etc/x', value: { type: 'file', content: 'password=hunter2!', lines: ['hunter2!'], size: 3, secret: new Secret('y', 'dots'), none: null } }, { below: '/opt', tree: { root: '/opt', entries: {} } }],
}
const settled = { type: 'step-settled', host: 'a', play: 'p', step: 's', module: 'line', place: { file: 'f', line: 1, column: 1 }, verdict: { status: 'change', changes: [change] }, ms: 0 } as const satisfies RunEvent

const told = (event: RunEvent): RunEvent | undefined => {
  const events: RunEvent[] = []
  masking((one) => { events.push(one) }, mask)(event)
  return events[0]
}

it('hides secrets that were read from a host in contents, diffs and predictions', () => {
  const text = JSON.stringify(told(settled))
  expect(text).not.toMatch(/password=hunter2!|"hunter2!"/)
  expect(text).toContain('password=••••••••\\nb=1')
  expect(text).toContain('"size":3')
  expect(text).toContain('"secret":"dots"')
})

it('hides them too where they stand in the open of a text that is secret in part', () => {
  const half = new Secret('a=hunter2!\nb=other\n', 'a=hunter2!\nb=••\n')
  const changes: Change[] = [{ summary: 'edit', actions: [{ do: 'put', path: '/a', content: half, mode: '0600', owner: 'root', group: 'root' }, { do: 'exec', script: 'true', stdin: half }], predicts: [{ fact: 'file:/a', value: { content: half } }] }]
  const masked = told({ ...settled, verdict: { status: 'change', changes } })
  expect(JSON.stringify(masked)).not.toContain('hunter2!')
  expect(JSON.stringify(masked).match(/a=••••••••\\nb=••/g)).toHaveLength(3)
})

it('leaves what a module calls its change alone: names may hold the text of a secret', () => expect(JSON.stringify(told(settled))).toContain('update /etc/hunter2!.conf'))

it('leaves other events, verdicts and changes without a diff as they are', () => {
  const plain = { summary: 'x', actions: [], predicts: [] }
  const other: RunEvent = { ...settled, verdict: { status: 'change', changes: [plain] } }
  expect(told(other)).toEqual(other)
  expect(told({ ...settled, verdict: { status: 'ok' } })).toEqual({ ...settled, verdict: { status: 'ok' } })
  expect(told({ ...settled, verdict: { status: 'skipped', because: "only when a == 'x'; here a is 'hunter2!'" } })).toMatchObject({ verdict: { because: "only when a == 'x'; here a is ••••••••" } })
  expect(told({ type: 'notice', text: 'hunter2!' })).toEqual({ type: 'notice', text: 'hunter2!' })
})

it('masks a plan for people and leaves the plan itself as it is', () => {
  const plan = { steps: [{ play: 'p', host: 'a', step: 's', module: 'line', place: settled.place, verdict: settled.verdict }], lost: {} }
  expect(JSON.stringify(maskedPlan(plan, mask))).not.toContain('password=hunter2!')
  expect(plan.steps[0]?.verdict.changes[0]?.diff?.lines[0]?.text).toBe('password=hunter2!')
})
