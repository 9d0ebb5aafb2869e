import { expect, it } from 'vitest'
import type { PlannedStep } from '../../src/core/plan.js'
import type { Verdict } from '../../src/core/verdict.js'
import { verifyText } from '../../src/report/verify-text.js'

const check = (host: string, step: string, verdict: Verdict): PlannedStep => ({ play: 'Checks', host, step, module: 'wait-for', place: { file: 'site.yaml', line: 1, column: 1 }, verdict })
const counts = { ok: 0, changed: 0, deferred: 0, skipped: 0, failed: 0, ignored: 0, unreachable: false, round_trips: 1 }
const steps = [
  check('mi1', 'ports listen', { status: 'ok' }),
  check('mi1', 'the page', { status: 'failed', error: { code: 'not-verified', message: 'does not hold', output: 'missing:\n  200 of http://a/: answered \u001b[31m500' } }),
  check('mi1', 'no', { status: 'failed', error: { code: 'assertion-failed', message: 'it is not so', hint: 'make it so' } }),
  check('balancer', 'later', { status: 'deferred', until: 'a run' }),
  check('balancer', 'elsewhere', { status: 'skipped', because: 'only when x' }),
  check('balancer', 'open', { status: 'change', changes: [] }),
]

it('is a table, with what was seen instead below what failed, and hosts that are not reached', () => {
  expect(verifyText({ steps, lost: { mi2: 'no route\nstart it' }, recap: { mi1: counts, mi2: { ...counts, unreachable: true } } })).toBe(`Host      Check         Result
mi1       ports listen  ok
mi1       the page      failed
            missing:
            200 of http://a/: answered 500
mi1       no            failed
            it is not so
            hint: make it so
balancer  later         not known: waits for "a run"
balancer  elsewhere     skipped: only when x
balancer  open          not so

mi2       unreachable: no route
          hint: start it
Verified: 1 of 5 checks ok, 2 failed, 1 not known, 1 host not reached.`)
})

it('is short where all is well, and where only failures are wanted', () => {
  expect(verifyText({ steps: steps.slice(0, 1), lost: {}, recap: { mi1: counts } }, { quiet: true })).toBe('Verified: 1 of 1 check ok.')
  expect(verifyText({ steps, lost: {}, recap: {} }, { quiet: true }).split('\n')).toHaveLength(9)
})
