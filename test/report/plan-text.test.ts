import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { detailOf, planText } from '../../src/report/plan-text.js'
import { styleOf } from '../../src/report/style.js'
import { certificate, change, changes, counts, failure, hidden, step } from './given.js'

const golden = (name: string): string => join(import.meta.dirname, 'golden', `${name}.txt`)
const all = [
  step('lb1', 'nginx', { status: 'ok' }),
  step('lb1', 'site', { status: 'change', changes }),
  step('lb1', 'certificate', { status: 'change', changes: [certificate] }),
  step('lb1', 'settings', { status: 'change', changes: [hidden] }),
  step('lb1', 'restart it', { status: 'change', changes: [change('restart it')] }),
  step('lb1', 'only on Debian', { status: 'skipped', because: "only when os == 'debian'; here os is 'fedora'" }),
  step('lb1', 'nginx runs', { status: 'deferred', until: 'nginx' }),
  step('lb1', 'check', failure),
  step('lb1', 'reload nginx', { status: 'change', changes: [change('reload nginx.service')] }, { handler: { notified: ['site'] } }),
  step('lb1', 'restart node', { status: 'deferred', until: 'site' }, { handler: { notified: ['one', 'two', 'three', 'four', 'four'] } }),
  step('lb1', 'restart three', { status: 'deferred', until: 'site' }, { handler: { notified: ['one', 'two', 'three'] } }),
  step('lb1', 'restart old', { status: 'change', changes: [change('restart old.service')] }, { handler: { owed: true } }),
  step('mi1', 'a step\nwith\u001b[31m colours', { status: 'ok' }, { play: 'Nodes' }),
]
const recap = { lb1: counts({ ok: 1, changed: 6, deferred: 3, skipped: 1, failed: 1 }), mi1: counts({ ok: 1 }), database1: counts({ unreachable: true }) }
const lost = { database1: 'connecting to database1:22 timed out after 10 s\nis it up?\u0007' }

describe('a plan for people', () => {
  it('tells every verdict, with diffs folded', async () => { await expect(`${planText({ steps: all, lost }, recap)}\n`).toMatchFileSnapshot(golden('plan')) })
  it('tells every line when asked to', async () => { await expect(`${planText({ steps: all, lost: {} }, { lb1: recap.lb1, mi1: recap.mi1 }, { diff: true })}\n`).toMatchFileSnapshot(golden('plan-diff')) })
  it('leaves out what is right when quiet', async () => { await expect(`${planText({ steps: all, lost: {} }, {}, { detail: 'open' })}\n`).toMatchFileSnapshot(golden('plan-quiet')) })
  it('counts what is right, play by play, for a reader who scrolls', async () => { await expect(`${planText({ steps: all, lost: {} }, {}, { detail: 'counted' })}\n`).toMatchFileSnapshot(golden('plan-counted')) })

  it('is whole in a pipe and on -v, counted on a terminal, and open alone when quiet', () => {
    expect([detailOf({}, false), detailOf({ verbose: 1 }, true), detailOf({}, true), detailOf({ quiet: true }, true), detailOf({ quiet: true, verbose: 1 }, false)]).toEqual(['all', 'all', 'counted', 'open', 'open'])
  })

  it('keeps plays apart by a line where steps are told', () => {
    const [ok, open] = [step('a', 'a', { status: 'ok' }, { play: 'One' }), step('a', 'b', { status: 'deferred', until: 'a' }, { play: 'Two' })]
    expect(planText({ steps: [ok, open, { ...ok, play: 'Three' }], lost: {} }, {}, { detail: 'counted' })).toMatch(/^One {2}1 ok\n\nTwo\n {2}a .*\n\nThree {2}1 ok\n\nPlan: /)
    expect(planText({ steps: [ok, { ...ok, play: 'Three' }], lost: {} }, {}, { detail: 'counted' })).toMatch(/^One {2}1 ok\nThree {2}1 ok\n\nPlan: /)
    expect(planText({ steps: [ok, { ...ok, play: 'Three' }, open], lost: {} }, {}, { detail: 'open' })).toMatch(/^Two\n {2}a .*\n\nPlan: /)
  })

  it('tells what a step is there to tell', () => {
    expect(planText({ steps: [step('a', 'say it', { status: 'ok', says: 'hello' })], lost: {} }, {}, { detail: 'counted' })).toContain('say it — hello')
  })

  it('ends with one sentence', () => {
    const last = (steps: typeof all, gone = {}): string => planText({ steps, lost: gone }, {}).split('\n').at(-1) ?? ''
    const ok = step('a', 'a', { status: 'ok' })
    const deferred = step('a', 'a', { status: 'deferred', until: 'b' })
    expect(last([ok, ok])).toBe('Plan: nothing to do; 2 ok of 2 steps.')
    expect(last([])).toBe('Plan: nothing to do; 0 ok of 0 steps.')
    expect(last([ok, ok, deferred])).toBe('Plan: 0 to change, 1 deferred, 2 ok of 3 steps; 66 % decided.')
    expect(last([ok])).toBe('Plan: nothing to do; 1 ok of 1 step.')
    expect(last([ok, deferred, step('a', 'a', { status: 'skipped', because: 'no' })]), 'what is skipped counts too').toBe('Plan: 0 to change, 1 deferred, 1 ok, 1 skipped of 3 steps; 66 % decided.')
    expect(last([ok, step('a', 'a', failure)])).toBe('Plan: 1 of 2 steps cannot be done as things are.')
    expect(last([], lost)).toBe('Plan: none, since no host was reached.')
  })

  it('folds no diff of which one line more would be all, and no short one', () => {
    const text = (length: number): string => planText({ steps: [step('a', 'a', { status: 'change', changes: [change('b', ...Array.from({ length }, (_, line) => `+ ${line}`))] })], lost: {} }, {})
    expect(text(7)).not.toContain('more lines')
    expect(text(8)).toContain('… 2 more lines (--diff shows all)')
  })

  it('cuts long lines where it folds', () => {
    const text = (diff: boolean): string => planText({ steps: [step('a', 'a', { status: 'change', changes: [change('b', `+ ${'x'.repeat(5000)}`)] })], lost: {} }, {}, { diff })
    expect(Math.max(...text(false).split('\n').map((line) => line.length))).toBeLessThan(200)
    expect(text(true)).toContain('x'.repeat(5000))
  })

  it('never lets hosts speak to the terminal', () => {
    expect(planText({ steps: all, lost }, recap, { diff: true })).not.toMatch(/[^\P{Cc}\n\t]/u)
    expect(planText({ steps: all, lost }, recap, { style: styleOf(true) })).toContain('\u001b[')
  })
})
