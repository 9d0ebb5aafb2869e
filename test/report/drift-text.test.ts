import { expect, it } from 'vitest'
import type { FiledStep } from '../../src/approval/plan-file.js'
import { driftText } from '../../src/report/drift-text.js'

const step = (name: string, summary: string, lines: readonly string[] = []): FiledStep => ({
  address: name, play: 'Play', host: 'mi1', step: name, module: 'file', file: 'site.yaml', line: 4, column: 9, verdict: 'change', reason: '', needs: [], risks: [],
  changes: [{ summary, diff: lines.map((line) => ({ sign: line.startsWith('-') ? '-' : '+', text: line.slice(2) })), actions: [], holds: [], 'back-out': '', fingerprint: '0'.repeat(32) }],
})
const site = step('site', 'update /etc/site', ['- theirs', ...Array.from({ length: 9 }, (_, line) => `+ ours ${line}`)])
const run = '2026-11-25T08-00-00-000Z-a1b2c3'

it('tells what moved, what is newly wanted and what is not known one behind the other', () => {
  const drift = {
    moved: [
      { host: 'mi1', fact: 'file:/etc/site', run, isUnsure: false, steps: [site], waiting: [], isWanted: true },
      { host: 'mi1', fact: 'content:/etc/site', run, isUnsure: true, steps: [site], waiting: [], isWanted: false },
      { host: 'lb1', fact: 'port:443', run, isUnsure: false, steps: [], waiting: [step('gate', '')], isWanted: false },
      { host: 'lb1', fact: 'file:/etc/hosts', run, isUnsure: false, steps: [], waiting: [], isWanted: false },
    ],
    wanted: [{ step: step('new', 'create /new'), why: 'it is new, or has other arguments' }],
    unknown: [{ step: { ...step('gate', ''), changes: [] }, why: 'it waits for "site"' }],
  }
  expect(driftText(drift, ['site.yaml', 'templates/a.j2'])).toBe(`Moved on the hosts
  mi1   file:/etc/site since the run a1b2c3
        a run would do: site — update /etc/site
          - theirs
          + ours 0
          + ours 1
          + ours 2
          + ours 3
          + ours 4
          … 4 more lines (--diff shows all)
        which is newly wanted too
  mi1   content:/etc/site since the run a1b2c3 looked at it, by somebody or by a later step or run
        a run would do: site — update /etc/site
  lb1   port:443 since the run a1b2c3
        what would be done about it waits: gate
  lb1   file:/etc/hosts since the run a1b2c3
        nothing would be done about it

Newly wanted
  mi1   new — create /new
        it is new, or has other arguments  site.yaml:4
  other than at the last run: site.yaml, templates/a.j2

Not known
  mi1   gate
        it waits for "site"  site.yaml:4

4 facts moved: 1 step newly wanted, 1 not known.`)
  expect(driftText(drift, [], { diff: true })).toContain('+ ours 8\n')
  expect(driftText({ moved: [], wanted: drift.wanted, unknown: [] }, [])).toBe('Newly wanted\n  mi1   new — create /new\n        it is new, or has other arguments  site.yaml:4\n\nNothing has moved: 1 step newly wanted, 0 not known.')
})
