import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/core/events.js'
import { Secret } from '../../src/core/secret.js'
import { eventLines, jsonDocument } from '../../src/report/json.js'
import { counts, failure, settled } from './given.js'

const documentOf = async (events: readonly RunEvent[]): Promise<Readonly<Record<string, unknown>>> => {
  let text = ''
  const reporter = jsonDocument((part) => { text += part })
  for (const event of events) reporter.on(event)
  await reporter.end()
  await reporter.end()
  return JSON.parse(text) as Readonly<Record<string, unknown>> // the shape is what is tested
}
const end = (more: Partial<Extract<RunEvent, { type: 'run-ended' }>> = {}): RunEvent => ({ type: 'run-ended', mode: 'run', ms: 12.6, recap: { a: counts({ ok: 1, changed: 2, round_trips: 3 }) }, ...more })

describe('the document of a walk', () => {
  it('is of the promised form', async () => {
    const ok = settled('a', 'step', { status: 'ok' })
    expect(await documentOf([{ type: 'run-started', mode: 'run', hosts: ['a'], plays: ['P'] }, { type: 'play-started', play: 'P', hosts: ['a'], steps: 1 }, ok, end()])).toEqual({
      status: 'done', duration_ms: 13, changed: 2, failed: 0,
      hosts: { a: { ok: 1, changed: 2, deferred: 0, skipped: 0, failed: 0, ignored: 0, unreachable: false, round_trips: 3 } },
      plays: [{ name: 'P', hosts: ['a'], steps: [ok] }],
    })
  })

  it.each([
    ['planned', end({ mode: 'plan' }), 'planned'], ['failed', end({ recap: { a: counts({ failed: 1 }) } }), 'failed'], ['failed with a host that is not reached', end({ recap: { a: counts({ unreachable: true }) } }), 'failed'], ['failed when stopped', end({ stopped: 'interrupted' }), 'failed'], ['a failed plan', end({ mode: 'plan', recap: { a: counts({ failed: 1 }) } }), 'failed'],
  ])('is %s', async (_title, event, status) => { expect(await documentOf([event])).toMatchObject({ status, plays: [] }) })

  it('says why a host was lost, and why the run stopped', async () => {
    expect(await documentOf([{ type: 'host-lost', host: 'a', reason: 'no route' }, end({ stopped: 'too many failures', recap: { a: counts({ unreachable: true }) } })])).toMatchObject({ stopped: 'too many failures', hosts: { a: { unreachable: true, reason: 'no route' } } })
  })

  it('holds the mistakes because of which there was no walk', async () => {
    let text = ''
    const reporter = jsonDocument((part) => { text += part })
    if (failure.status === 'failed') reporter.refuse([failure.error])
    await reporter.end()
    expect(JSON.parse(text)).toMatchObject({ status: 'failed', changed: 0, hosts: {}, errors: [{ code: 'action-failed' }] })
  })
})

describe('events as lines', () => {
  it('are JSON, with dots for secrets', async () => {
    const lines: string[] = []
    const reporter = eventLines((line) => lines.push(line))
    reporter.on(settled('a', 'step\nof two lines', { status: 'change', changes: [{ summary: 's', predicts: [], actions: [{ do: 'exec', script: 'cat', stdin: new Secret('hunter22') }] }] }))
    await reporter.end()
    expect(lines).toHaveLength(1)
    expect(lines[0]).not.toMatch(/hunter22|\n/)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ type: 'step-settled', verdict: { changes: [{ actions: [{ stdin: '••••••••' }] }] } })
  })
})
