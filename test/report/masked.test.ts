import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import { Inputs } from '../../src/cli/inputs.js'
import { openJournal } from '../../src/cli/journal.js'
import type { Change } from '../../src/core/change.js'
import type { RunEvent } from '../../src/core/events.js'
import { escapeXml } from '../../src/formats/xml.js'
import { maskOf } from '../support/mask.js'
import { Secret } from '../../src/core/secret.js'
import type { Status, Verdict } from '../../src/core/verdict.js'
import { annotations, groups } from '../../src/report/annotations.js'
import { eventLines, jsonDocument } from '../../src/report/json.js'
import { junit } from '../../src/report/junit.js'
import { maskedPlan, masking } from '../../src/report/masked.js'
import { plain } from '../../src/report/plain.js'
import { planText } from '../../src/report/plan-text.js'
import { styleOf } from '../../src/report/style.js'
import { tty } from '../../src/report/tty.js'

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
  expect(text).not.toContain('hunter2!')
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

it('leaves events that hold no secret as they are', () => {
  const { verdict: _verdict, ...rest } = settled
  const plain: Change = { summary: 'x', actions: [{ do: 'reboot', timeout: 3 }], predicts: [] }
  for (const verdict of [{ status: 'change', changes: [plain] }, { status: 'ok' }] satisfies Verdict[]) expect(told({ ...rest, verdict })).toEqual({ ...rest, verdict })
})

it('keeps what machines hold on to, whatever the secret is: kinds, states, hosts, modules, codes and places', () => {
  const words = ['step-settled', 'change', 'failed', 'alpha', 'line', 'site.yaml', 'exec', 'plan', 'some-code']
  const events: readonly RunEvent[] = [
    { ...settled, host: 'alpha', on: 'alpha', place: { file: 'site.yaml', line: 1, column: 1 }, verdict: { status: 'change', changes: [{ summary: 'x', actions: [{ do: 'exec', script: 'y' }], predicts: [] }] } },
    { ...settled, host: 'alpha', verdict: { status: 'failed', error: { code: 'some-code', message: 'x' } } },
    { type: 'run-ended', mode: 'plan', recap: { alpha: { ok: 1, changed: 0, deferred: 0, skipped: 0, failed: 0, ignored: 0, unreachable: false, round_trips: 1 } }, ms: 0 },
    { type: 'run-started', mode: 'plan', hosts: ['alpha'], plays: [] },
  ]
  const hide = masking((event) => { hidden.push(event) }, maskOf(words))
  const hidden: RunEvent[] = []
  events.forEach(hide)
  expect(hidden).toEqual(events)
})

describe('no secret leaves in any text', () => {
  const says = (where: string): string => `${where} hunter2!`
  const place = { file: 'site.yaml', line: 1, column: 1, text: says('line') }
  const error = { code: 'action-failed', message: says('message'), hint: says('hint'), at: place, output: says('output') }
  const everything: Change = {
    summary: says('summary'), diff: { title: says('title'), lines: [{ sign: '+', text: says('line') }] }, confirm: says('confirm'), disturbs: [says('disturbs')],
    actions: [
      { do: 'exec', script: says('script'), stdin: says('input') },
      { do: 'put', path: says('path'), content: says('content'), mode: '0600', owner: says('owner'), group: says('group'), validate: says('validate'), validateAfter: new Secret('hunter2!', says('after')) },
      { do: 'fetch', path: says('path'), to: says('to') },
      { do: 'bring', from: says('from'), root: says('root'), to: says('to'), files: [{ path: says('path'), size: 1, sha256: says('digest'), mode: '0600', owner: says('owner'), group: says('group') }] },
    ],
    predicts: [{ fact: says('fact'), value: { deep: [{ text: says('value') }] } }, { below: says('below'), tree: { root: says('root'), entries: { a: { type: 'link', target: says('target'), owner: says('owner'), group: says('group') } } } }],
  }
  const verdicts = {
    ok: { status: 'ok', says: says('says') }, change: { status: 'change', changes: [everything] }, deferred: { status: 'deferred', until: says('until') },
    skipped: { status: 'skipped', because: says('because') }, failed: { status: 'failed', error },
  } as const satisfies { readonly [S in Status]: Extract<Verdict, { readonly status: S }> }
  /** One event of each kind, a secret in every text of it that is no name which machines hold on to. */
  const events: { readonly [T in RunEvent['type']]: readonly Extract<RunEvent, { readonly type: T }>[] } = {
    'run-started': [{ type: 'run-started', mode: 'run', hosts: ['a'], plays: [says('play')] }],
    'host-connected': [{ type: 'host-connected', host: 'a', ms: 1 }],
    'play-started': [{ type: 'play-started', play: says('play'), hosts: ['a'], steps: 1 }],
    'step-started': [{ type: 'step-started', host: 'a', step: says('step') }],
    'action-output': [{ type: 'action-output', host: 'a', step: says('step'), text: says('text'), live: true }],
    'upload-progress': [{ type: 'upload-progress', host: 'a', step: says('step'), file: says('file'), sent: 1, size: 2 }],
    'step-settled': Object.values(verdicts).flatMap((verdict) => [{}, { handler: { notified: [says('notified')] } }].map((more) => ({ ...settled, play: says('play'), step: says('step'), verdict, ...more }))),
    'host-lost': [{ type: 'host-lost', host: 'a', reason: says('reason') }],
    'notice': [{ type: 'notice', host: 'a', text: says('text') }],
    'play-ended': [{ type: 'play-ended', play: says('play'), recap: {} }],
    'run-ended': [{ type: 'run-ended', mode: 'run', recap: {}, ms: 1, stopped: says('stopped') }],
  }
  const all: readonly RunEvent[] = Object.values(events).flat()
  const order = [...all.filter(({ type }) => type !== 'run-ended'), ...all.filter(({ type }) => type === 'run-ended')]
  const steps = Object.values(verdicts).map((verdict) => ({ play: says('play'), host: 'a', step: says('step'), module: 'line', place, verdict, handler: { notified: [says('by')] } }))

  it.each(Object.entries(events))('of %s', (_type, kinds) => {
    for (const event of kinds) expect(JSON.stringify(told(event))).not.toContain('hunter2!')
  })

  it('of a plan', () => {
    const plan = maskedPlan({ steps, lost: { a: says('reason') } }, mask)
    expect(`${JSON.stringify(plan)}${planText(plan, {}, { diff: true })}`).not.toContain('hunter2!')
  })

  it('to a terminal, a pipe, the documents, the lines of events, GitHub or the journal of the run', async () => {
    const said: string[] = []
    const say = (text: string): void => { said.push(text) }
    const telling = { style: styleOf(false), diff: true, verbosity: 2, resume: 'again' }
    const yes = (): boolean => true
    const screen = Object.assign(new PassThrough({ encoding: 'utf8' }).on('data', say), { columns: 200, isTTY: true, cursorTo: yes, clearLine: yes, moveCursor: yes, getColorDepth: () => 1 })
    const reporters = [eventLines(say), jsonDocument(say), junit({ write: say, escape: escapeXml, now: () => new Date(0) }), annotations(say, (file) => file), groups(say), plain(telling, say), tty(telling, screen as unknown as NodeJS.WriteStream, () => 0)] // all of a terminal that is used
    const state = await mkdtemp(join(tmpdir(), 'journal-'))
    vi.stubEnv('XDG_STATE_HOME', state)
    const journal = openJournal({ playbook: 'p', inventory: ['i'], cwd: '/' }, { plan: { steps: [{ ...settled, verdict: settled.verdict }], lost: {} }, hosts: new Map(), project: { planKey: undefined, mask, inputs: new Inputs('/') } }, say)
    const emit = masking((event) => { [journal, ...reporters].forEach((ear) => ear.on(event)) }, mask)
    order.forEach(emit)
    journal.close()
    vi.unstubAllEnvs()
    await Promise.all(reporters.map((reporter) => reporter.end()))
    const kept = await readFile(join(state, 'provision/runs', `${journal.name}.ndjson`), 'utf8')
    expect(kept.split('\n').length).toBeGreaterThan(10)
    expect(said.join('')).toContain('says ••••••••')
    expect(said.join('') + kept).not.toContain('hunter2!')
  })
})

it('masks a plan for people and leaves the plan itself as it is', () => {
  const plan = { steps: [{ play: 'p', host: 'a', step: 's', module: 'line', place: settled.place, verdict: settled.verdict }], lost: {} }
  expect(JSON.stringify(maskedPlan(plan, mask))).not.toContain('password=hunter2!')
  expect(plan.steps[0]?.verdict.changes[0]?.diff?.lines[0]?.text).toBe('password=hunter2!')
})
