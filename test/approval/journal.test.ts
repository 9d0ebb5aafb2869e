import { describe, expect, it } from 'vitest'
import { BEGINNING, chained, readJournal, type JournalLine, type RunJournal } from '../../src/approval/journal.js'
import { ProvisionError } from '../../src/core/errors.js'

const at = '2026-11-25T08:00:00.000Z'
const header = {
  type: 'run', format: '2.0', run: 'one', at, by: 'alice@laptop', tool: { version: '0.1.0' }, playbook: 'site.yaml', inventory: ['prod'], cwd: '/work',
  inputs: { root: BEGINNING, files: { 'site.yaml': BEGINNING } }, key: 'none', 'key-check': '0'.repeat(32),
} satisfies JournalLine
const step = { host: 'a', address: 'Play · site.yaml:4:9 · motd', play: 'Play', step: 'motd', module: 'file', file: 'site.yaml', line: 4, changes: ['create /etc/motd'] }
const lines = [
  header,
  { type: 'predicted' as const, ...step, status: 'change' as const },
  { type: 'settled' as const, ...step, status: 'change' as const, started: at, ended: at, ms: 12, facts: { '(login) file:/etc/motd': '1'.repeat(32) } },
  { type: 'lost', host: 'b', reason: 'no route' },
  { type: 'ended', at, ms: 1200, exit: 4, hosts: { a: { ok: 0, changed: 1, deferred: 0, skipped: 0, failed: 0, ignored: 0, unreachable: false, round_trips: 2 } }, unfinished: ['b'], unsure: {} },
] satisfies readonly JournalLine[]

const written = (entries: readonly object[]): string[] => {
  let previous = BEGINNING
  return entries.map((entry) => {
    const { text, digest } = chained(entry as JournalLine, previous) // also such as this version does not know
    previous = digest
    return text
  })
}
const textOf = (texts: readonly string[]): string => texts.map((line) => `${line}\n`).join('')
const whole = textOf(written(lines))
const refusal = (text: string): { code: string; line: number | undefined; why: string } | RunJournal => {
  try {
    return readJournal(text, 'one')
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error
    const [, line, why = error.message] = /was altered: line (\d+): (.*)$/.exec(error.message) ?? []
    return { code: error.code, line: line === undefined ? undefined : Number(line), why }
  }
}

describe('a journal', () => {
  it('is read as it was written', () => {
    expect(readJournal(whole, 'one')).toMatchObject({ header, predicted: [lines[1]], settled: [lines[2]], lost: { b: 'no route' }, end: lines[4], digests: { length: 5 } })
  })

  it('is refused when any byte of it is another, with the line', () => {
    let at = 0
    for (const [index, line] of written(lines).entries()) {
      for (let byte = 0; byte < line.length; byte++) {
        const place = at + byte
        const other = whole.slice(0, place) + (whole[place] === '0' ? '1' : '0') + whole.slice(place + 1)
        expect(refusal(other), `byte ${byte} of line ${index + 1}`).toMatchObject({ code: expect.stringMatching(/^journal-(altered|version)$/), ...(index === 0 ? {} : { line: index + 1 }) })
      }
      at += line.length + 1
    }
  })

  it('is refused when a line is missing, stands twice, elsewhere, or behind the end', () => {
    const texts = written(lines)
    for (let index = 0; index < texts.length - 1; index++) {
      expect(refusal(textOf(texts.toSpliced(index, 1))), `without line ${index + 1}`).toMatchObject({ code: 'journal-altered', line: index + 1, why: 'it does not follow the line before' })
      expect(refusal(textOf(texts.toSpliced(index, 2, ...texts.slice(index, index + 2).toReversed()))), `lines ${index + 1} and ${index + 2} the other way round`).toMatchObject({ code: 'journal-altered', line: index + 1 })
      expect(refusal(textOf(texts.toSpliced(index, 0, texts[index] ?? ''))), `line ${index + 1} twice`).toMatchObject({ code: 'journal-altered', line: index + 2 })
    }
    expect(refusal(textOf(written([...lines, ...lines.slice(3, 4)])))).toEqual({ code: 'journal-altered', line: 6, why: 'it stands behind the end' })
    expect(refusal(whole.replace('\n', '\r\n'))).toMatchObject({ code: 'journal-altered', line: 1 })
    expect(refusal('[]\n')).toMatchObject({ code: 'journal-altered', line: 1 })
    expect(refusal('null\n')).toMatchObject({ code: 'journal-altered', line: 1, why: 'it is not as it was written' })
  })

  it('of a killed run is valid as far as it goes, wherever it breaks off', () => {
    const first = (written(lines)[0] ?? '').length + 1
    for (let length = 0; length < whole.length; length++) {
      const read = refusal(whole.slice(0, length))
      if (length < first) expect(read).toMatchObject({ code: 'journal-malformed' })
      else expect(read).toMatchObject({ end: undefined, digests: { length: whole.slice(0, length).split('\n').length - 1 } })
    }
  })

  it('of another major version is refused, and one that says more than is known here is read', () => {
    expect(refusal(textOf(written([{ ...header, format: '3.0' }])))).toEqual({ code: 'journal-version', line: undefined, why: 'the journal of the run one has the format 3.0, and this program reads 2.x' })
    expect(refusal('{"type":"run","format":1,"at":"2026-11-25T08:00:00.000Z","playbook":"p","inventory":["i"],"cwd":"/"}\n')).toMatchObject({ code: 'journal-version' })
    const more = [{ ...header, format: '2.7', mood: 'good' }, { type: 'weather', rain: true }, ...lines.slice(1)]
    expect(readJournal(textOf(written(more)), 'one')).toMatchObject({ predicted: [lines[1]], digests: { length: 6 } })
    expect(refusal(textOf(written(more)).replace('rain":true', 'rain":null'))).toMatchObject({ code: 'journal-altered', line: 2 })
  })
})
