import { Writable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RunEvent } from '../../src/core/events.js'
import { styleOf } from '../../src/report/style.js'
import { tty } from '../../src/report/tty.js'
import { counts, settled } from './given.js'

/** A terminal that keeps a screen of lines, and understands what ora sends. */
class Screen extends Writable {
  readonly isTTY = true
  readonly lines: string[] = ['']
  row = 0
  column = 0
  constructor(readonly columns: number, readonly rows: number) { super() }
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    for (const part of chunk.toString().split(/(\u001b\[[0-9;?]*[A-Za-z]|\u001b\[\?\d+[hl]|\n|\r)/)) this.#put(part)
    done()
  }
  #put(part: string): void {
    if (part === '\n') { this.row++; this.column = 0; this.lines[this.row] ??= '' } else if (part === '\r') this.column = 0
    else if (part.startsWith('\u001b[')) this.#control(part.slice(2))
    else {
      const line = this.lines[this.row] ?? ''
      this.lines[this.row] = line.slice(0, this.column).padEnd(this.column) + part + line.slice(this.column + part.length)
      this.column += part.length
    }
  }
  #control(sequence: string): void {
    const count = Number(/^\d+/.exec(sequence)?.[0] ?? 1)
    if (sequence.endsWith('G')) this.column = count - 1
    else if (sequence.endsWith('K')) this.clearLine(0)
    else if (sequence.endsWith('A')) this.row -= count
    else if (!/[mhl]$/.test(sequence)) throw new Error(`the terminal was sent ${JSON.stringify(sequence)}`)
  }
  clearLine(_direction: number): boolean { this.lines[this.row] = ''; return true }
  cursorTo(column: number): boolean { this.column = column; return true }
  moveCursor(across: number, down: number): boolean { this.column += across; this.row += down; return true }
  getColorDepth(): number { return 1 }
  get shown(): string { return this.lines.join('\n').trimEnd() }
}

const screens = (columns = 60, rows = 8) => {
  const screen = new Screen(columns, rows)
  const reporter = tty({ style: styleOf(false), diff: false, verbosity: 0, resume: 'again' }, screen as unknown as NodeJS.WriteStream, () => performance.now()) // as much of a terminal as is used
  return { screen, reporter }
}
const started = (host: string, step: string): RunEvent => ({ type: 'step-started', host, step })

describe('live lines', () => {
  const { CI } = process.env
  beforeEach(() => { delete process.env['CI']; vi.useFakeTimers() })
  afterEach(() => { vi.useRealTimers(); if (CI !== undefined) process.env['CI'] = CI })

  it('stand below what is told, one a host at work, and are gone at the end', async () => {
    const { screen, reporter } = screens()
    reporter.on({ type: 'run-started', mode: 'run', hosts: ['a', 'b'], plays: [] })
    reporter.on(started('a', 'unpack'))
    reporter.on(started('b', 'install'))
    vi.advanceTimersByTime(1500)
    expect(screen.shown).toMatch(/^\S a: unpack 1\.\d s\n {2}b: install 1\.\d s$/)
    reporter.on(settled('a', 'unpack', { status: 'ok' }))
    expect(screen.shown).toMatch(/^ {2}a {5}ok {8}unpack\n\S b: install 1\.\d s$/)
    reporter.on(settled('b', 'install', { status: 'ok' }))
    reporter.on({ type: 'run-ended', mode: 'run', ms: 2000, recap: { a: counts({ ok: 1 }) } })
    await reporter.end()
    expect(screen.shown).toBe('  a     ok        unpack\n  b     ok        install\n\na     1 ok, 0 changed, 0 deferred, 0 skipped, 0 failed\nDone in 2.0 s: 0 changed.')
  })

  it('show how far an upload is', () => {
    const { screen, reporter } = screens()
    reporter.on(started('a', 'archive'))
    reporter.on({ type: 'upload-progress', host: 'a', step: 'archive', file: 'a.zip', sent: 50, size: 200 })
    vi.advanceTimersByTime(250)
    expect(screen.shown).toContain('a: archive [#####...............] 25 %')
    reporter.on({ type: 'upload-progress', host: 'b', step: 'empty', file: 'b', sent: 0, size: 0 })
    vi.advanceTimersByTime(250)
    expect(screen.shown).toContain('b: empty [####################] 100 %')
  })

  it('are cut to the width and folded to the height', () => {
    const { screen, reporter } = screens(40, 6)
    for (let host = 1; host <= 30; host++) reporter.on(started(`host${host}`, `a step with a name that is far too long for a terminal like this\u001b[31m\nline ${host}`))
    vi.advanceTimersByTime(1000)
    const lines = screen.shown.split('\n')
    expect(lines).toHaveLength(4)
    expect(lines.at(-1)).toBe('  … 27 more hosts')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40)
  })

  it('go with a host that is lost', async () => {
    const { screen, reporter } = screens()
    reporter.on(started('a', 'unpack'))
    reporter.on({ type: 'host-lost', host: 'a', reason: 'gone\nfor good' })
    vi.advanceTimersByTime(1000)
    expect(screen.shown).toBe('  a     lost      gone')
    await reporter.end()
    await reporter.end()
    expect(screen.shown).toBe('  a     lost      gone')
  })
})
