import { describe, expect, it } from 'vitest'
import { runAsPage } from '../../src/report/run-page.js'
import { journal, predicted, settled } from '../approval/run-journals.js'
import { hostile } from './given-plan-file.js'

const done = journal({ exit: 0, predicted: [predicted('a', 'motd', 'change', ['create /etc/motd']), predicted('a', 'kept', 'ok')], settled: [settled('a', 'motd', 'change', ['create /etc/motd']), settled('a', 'kept', 'ok')] })
const broken = journal({
  exit: 1,
  predicted: [predicted('a', 'gate', 'change', ['run gate']), { ...predicted('a', 'later', 'deferred'), reason: 'waits for "gate"' }],
  settled: [settled('a', 'gate', 'failed'), { ...settled('a', 'mend', 'change', ['undo gate']), on: 'b' }],
  lost: { b: 'no route to host' },
})
const tagsOf = (page: string): string => (page.match(/<[^>]*>/g) ?? []).map((tag) => tag.replace(/="[^"]*"/g, '=""')).join('')

describe('the page of a run', () => {
  it('says first how it came out', () => {
    expect(runAsPage(done)).toContain('<body>\n<header>\n<p class="class exact">done: 1 changed, 0 failed of 2 steps, each as expected</p>')
    expect(runAsPage(done)).not.toContain('id="otherwise"')
  })

  it('tells what came otherwise than expected before the steps, and who was lost', () => {
    const page = runAsPage(broken)
    expect(page).toContain('<p class="class bounded">failed: 1 changed, 1 failed of 3 steps, 3 otherwise than expected</p>')
    expect(page).toContain('<span class="host">b</span> was lost: no route to host')
    expect(page).toContain('It failed: expected was run gate. Seen was <code>it failed with exit 1 [action-failed]</code>.')
    expect(page).toContain('It was not reached: expected was what only the run would know: it waits for &quot;gate&quot;.')
    expect(page).toContain('It was not in the plan: expected was nothing. Seen was <code>undo gate</code>.')
    expect(page.indexOf('id="otherwise"')).toBeLessThan(page.indexOf('id="steps"'))
  })

  const saying = (text: string): string => runAsPage(journal({ predicted: [{ ...predicted('a', `x${text}`, 'change', [text]), play: text }], settled: [{ ...settled('a', `x${text}`, 'change', [text]), play: text }], lost: { b: text } }))
  it.each(hostile)('is built alike whatever stands in it: %j', (text) => {
    expect(tagsOf(saying(text))).toBe(tagsOf(saying('plain')))
  })
})
