import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/core/events.js'
import { Narration, type Telling } from '../../src/report/narration.js'
import { plain } from '../../src/report/plain.js'
import { styleOf } from '../../src/report/style.js'
import { change, changes, counts, failure, settled } from './given.js'

const golden = (name: string): string => join(import.meta.dirname, 'golden', `${name}.txt`)
const telling: Telling = { style: styleOf(false), diff: false, verbosity: 0, resume: 'provision run site.yaml -i prod' }
const told = (events: readonly RunEvent[], how: Partial<Telling> = {}): string => {
  const narration = new Narration({ ...telling, ...how })
  return `${events.flatMap((event) => narration.linesOf(event)).join('\n')}\n`
}

const began: readonly RunEvent[] = [
  { type: 'run-started', mode: 'run', hosts: ['lb1', 'database1'], plays: ['Load balancer'] }, { type: 'host-connected', host: 'lb1', ms: 80 },
  { type: 'play-started', play: 'Load balancer', hosts: ['lb1', 'database1'], steps: 5 },
]
const run: readonly RunEvent[] = [
  ...began,
  { type: 'step-started', host: 'lb1', step: 'nginx' },
  settled('lb1', 'nginx', { status: 'ok' }, { ms: 4000 }),
  { type: 'action-output', host: 'lb1', step: 'site', text: 'one\ntwo \u001b[31mred\u001b[0m\n' },
  { type: 'upload-progress', host: 'lb1', step: 'archive', file: 'a.zip', sent: 1, size: 2 },
  settled('lb1', 'site', { status: 'change', changes }, { ms: 1234 }),
  settled('lb1', 'reload nginx', { status: 'change', changes: [change('reload nginx')] }, { handler: { notified: ['site'] } }),
  settled('lb1', 'restart old', { status: 'change', changes: [change('restart old.service')] }, { handler: { owed: true } }),
  settled('lb1', 'only on Debian', { status: 'skipped', because: "only when os == 'debian'; here os is 'fedora'" }, { ms: 5000 }),
  settled('lb1', 'may fail', failure, { ignored: true }),
  { type: 'notice', text: 'stopping once what is under way is finished' },
  { type: 'notice', host: 'lb1', text: 'sudo asks\nfor every frame' },
]
const badly: readonly RunEvent[] = [
  settled('lb1', 'check', failure),
  { type: 'host-lost', host: 'database1', reason: 'the connection was lost\nrun again to see what became of it\u0007' },
  { type: 'play-ended', play: 'Load balancer', recap: {} },
  { type: 'run-ended', mode: 'run', ms: 61_234, stopped: '1 of 1 host failed in "Load balancer"', recap: { lb1: counts({ ok: 1, changed: 3, skipped: 1, failed: 1, ignored: 1 }), database1: counts({ unreachable: true }) } },
]
const well: RunEvent = { type: 'run-ended', mode: 'run', ms: 900, recap: { lb1: counts({ ok: 2, changed: 1, deferred: 1 }) } }

describe('what is told of a run', () => {
  it('ends with what failed, its output, and how to go on', async () => { await expect(told([...run, ...badly])).toMatchFileSnapshot(golden('run-failed')) })
  it('shows differences and output when asked to', async () => { await expect(told([...run, well], { diff: true, verbosity: 1 })).toMatchFileSnapshot(golden('run-verbose')) })
  it('is failures, notes and the recap when quiet', async () => { await expect(told([...run, ...badly], { verbosity: -1 })).toMatchFileSnapshot(golden('run-quiet')) })

  it('says how it ended', () => {
    const end = (event: Partial<Extract<RunEvent, { type: 'run-ended' }>>): string => told([...began.slice(0, 1), { type: 'run-ended', mode: 'run', ms: 900, recap: {}, ...event }]).trim()
    expect(end({})).toBe('Done in 900 ms: 0 changed.')
    expect(end({ stopped: 'interrupted' })).toBe('Interrupted in 900 ms: 0 changed.\nTo go on: provision run site.yaml -i prod')
    expect(end({ recap: { a: counts({ deferred: 2 }) } })).toContain('Done in 900 ms: 0 changed, 2 deferred.')
    expect(end({ recap: { a: counts({ failed: 1 }) } })).toContain('Failed in 900 ms: 0 changed.\nTo go on:')
  })

  it('says nothing of a play without hosts', () => { expect(told([{ type: 'play-started', play: 'Nobody', hosts: [], steps: 1 }])).toBe('\n') })
  it('never lets hosts speak to the terminal', () => { expect(told([...run, ...badly], { diff: true, verbosity: 2 })).not.toMatch(/[^\P{Cc}\n\t]/u) })
  it('is coloured, and the same words', () => {
    const coloured = told([...run, ...badly], { style: styleOf(true) })
    expect(coloured).toContain('\u001b[31m')
    expect(coloured.replaceAll(/\u001b\[\d+m/g, '')).toBe(told([...run, ...badly]))
  })
})

describe('plain', () => {
  it('writes each line as it comes', async () => {
    const lines: string[] = []
    const reporter = plain(telling, (text) => lines.push(text))
    for (const event of [...run, ...badly]) reporter.on(event)
    await reporter.end()
    expect(lines.join('')).toBe(told([...run, ...badly]))
    expect(lines.every((line) => line.endsWith('\n'))).toBe(true)
  })
})
