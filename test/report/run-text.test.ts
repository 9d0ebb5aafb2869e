import { describe, expect, it } from 'vitest'
import { summaryOf } from '../../src/approval/run-comparison.js'
import { historyText, runText } from '../../src/report/run-text.js'
import { styleOf } from '../../src/report/style.js'
import { journal, predicted, settled } from '../approval/run-journals.js'

const broken = journal({
  exit: 1,
  predicted: [predicted('a', 'motd', 'change', ['create /etc/motd']), predicted('a', 'gate', 'change', ['run gate']), { ...predicted('a', 'later', 'deferred'), reason: 'waits for "gate"' }, predicted('a', 'kept', 'ok')],
  settled: [settled('a', 'motd', 'change', ['create /etc/motd']), settled('a', 'kept', 'ok'), settled('a', 'gate', 'failed'), { ...settled('a', 'mend', 'change', ['undo gate']), on: 'b' }],
  lost: { b: 'no route to host\n  hint: look' },
})

describe('a run', () => {
  it('is told by what came otherwise first, each with what was expected', () => {
    expect(runText(broken)).toBe(`failed: 2 changed, 1 failed of 5 steps, 3 otherwise than expected
run        2026-11-25T08-00-00-000Z-a1b2c3
started    2026-11-25T08:00:00.000Z by alice@laptop with provision 0.1.0
ended      2026-11-25T08:00:01.200Z, after 1.2 s, with exit code 1
playbook   site.yaml
inventory  prod
in         /work

Otherwise than expected
  a     failed    gate — it failed with exit 1 [action-failed] 12 ms
                  failed: expected run gate  site.yaml:4
  a     not done  later
                  was not reached: expected what only the run would know: it waits for "gate"  site.yaml:4
  a     changed   mend — undo gate on b 12 ms
                  was not in the plan: nothing was expected  site.yaml:4
  b     lost      no route to host

As expected
  a     changed   motd — create /etc/motd 12 ms
  a     ok        kept

a     1 ok, 1 changed, 0 deferred, 0 skipped, 0 failed

digest     sha256:${'0'.repeat(64)}`)
  })

  it('counts what had nothing to do where people scroll', () => {
    const text = runText(broken, { detail: 'counted' })
    expect(text).not.toContain('kept')
    expect(text).toContain('1 step more with nothing to do, as expected (-v shows them)')
  })

  it('that was killed says so', () => {
    const text = runText(journal({ predicted: [predicted('a', 'motd', 'ok'), { ...predicted('a', 'off', 'skipped'), reason: 'when is false' }] }))
    expect(text).toMatch(/^unfinished: 0 changed, 0 failed of 2 steps, 2 otherwise than expected\nThe journal breaks off: the run was killed, or is still at work.\n/)
    expect(text).toContain('was not seen done: expected that it is so already  site.yaml:4')
    expect(text).toContain('was not seen done: expected that it is skipped: when is false  site.yaml:4')
  })

  it('says what plan it was of, what it went on with, and which steps the plan left open', () => {
    const { header } = broken
    const digest = `sha256:${'1'.repeat(64)}`
    const text = runText(journal({ exit: 0, header: { ...header, limit: 'nodes:!mi2', plan: digest, parent: digest, resumes: 'before', git: { commit: 'abc', dirty: true } }, predicted: [predicted('a', 'open', 'deferred')], settled: [{ ...settled('a', 'open', 'failed'), ignored: true }, settled('a', 'open', 'ok')] }))
    expect(text).toMatch(/limit {6}nodes:!mi2\nplan {7}sha256:1+\nrest of {4}sha256:1+\nresumes {4}before\ncommit {5}abc, with changes that are not committed\n/)
    expect(text).toContain('failed    open — it failed with exit 1 [action-failed] (ignored) 12 ms')
    expect(runText(journal({ exit: 0, predicted: [predicted('a', 'open', 'deferred')], settled: [settled('a', 'open', 'change', ['x'])] }))).toContain('changed   open — x (left open by the plan) 12 ms')
  })
})

describe('a list of runs', () => {
  it('has one line for each, also where a journal was altered', () => {
    const altered = { run: '2026-11-25T08-00-00-000Z-d4e5f6', altered: 'the journal of the run x was altered: line 7: its digest does not match' }
    expect(historyText([summaryOf(broken), summaryOf(journal({})), altered])).toBe(`Run     Started               Who           Playbook   Inventory  Outcome     Changed  Failed  Time
a1b2c3  2026-11-25 08:00:00Z  alice@laptop  site.yaml  prod       failed      2        1       1.2 s
a1b2c3  2026-11-25 08:00:00Z  alice@laptop  site.yaml  prod       unfinished  0        0
d4e5f6  the journal of the run x was altered: line 7: its digest does not match`)
    expect(historyText([summaryOf(broken)], styleOf(true))).toContain('\u001b[31mfailed\u001b[39m')
  })
})
