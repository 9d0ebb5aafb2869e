import { describe, expect, it } from 'vitest'
import { asset, html, named } from '../../src/report/html.js'
import { planFileAsPage } from '../../src/report/plan-page.js'
import { estimateText } from '../../src/report/forecast-text.js'
import { filed, filedChange, hostile, planFileOf, saying } from './given-plan-file.js'

/** Tags in their order, without what stands in and between them; as many lines as a text has. */
const tagsOf = (page: string): string => (page.match(/<[^>]*>/g) ?? []).map((tag) => tag.replace(/="[^"]*"/g, '=""')).join('').replace(/(<span><\/span>)+/g, '<span></span>')

describe('markup', () => {
  it('escapes every value, and nothing twice', () => {
    expect(html`<a title="${'"x"'}">${"<b>&'"}</a>${[html`<i>${1}</i>`, false, undefined, 'é']}`.text).toBe('<a title="&quot;x&quot;">&lt;b&gt;&amp;&#39;</a><i>1</i>é')
    expect(html`${'\u202eb'}`.text).toBe('⟨U+202E⟩b')
  })

  it('names styles and scripts of ours by their checksums, and refuses one that ends itself', () => {
    expect(named('')).toBe("'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='")
    expect(asset('style', 'a > b {}').text).toBe('<style>a > b {}</style>')
    expect(() => asset('script', 'x = "</script>"')).toThrow(RangeError)
  })
})

describe('the page of a plan', () => {
  const change = (host: string, step: string, more = {}) => filed(host, step, { verdict: 'change', changes: [filedChange(`update ${step}`, ['- old', '+ new'])], ...more })

  it('says its class first, and is one file with a policy that lets nothing in', () => {
    const page = planFileAsPage(planFileOf([change('web1', '/etc/x')]))
    expect(page).toMatch(/^<!doctype html>\n.*?<body>\n<header>\n<p class="class exact">exact: each of 1 step is decided<\/p>/s)
    expect(page).toMatch(/<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; script-src &#39;sha256-[\w+/]*=&#39;; style-src &#39;sha256-[\w+/]*=&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;">/)
    expect(tagsOf(page)).not.toMatch(/ (src|style|on\w+)=/)
    expect(page).not.toMatch(/@import|url\(|https?:/)
    expect([...page.matchAll(/href="([^"]*)"/g)].every(([, target]) => target?.startsWith('#'))).toBe(true)
  })

  const tags = tagsOf(planFileAsPage(saying('plain')))
  it.each(hostile)('is built alike whatever stands in it: %j', (text) => {
    expect(tagsOf(planFileAsPage(saying(text)))).toBe(tags)
  })

  it('tells how many hosts serve, and in which step', () => {
    const restart = (host: string, more = {}) => change(host, 'restart web', { module: 'restart', needs: ['unit:web.service'], risks: ['restart'], ...more })
    const page = (...steps: Parameters<typeof planFileOf>[0]): string => planFileAsPage(planFileOf(steps))
    const rolling = page(restart('web1', { batch: { nth: 1, of: 2 } }), filed('web1', 'answers', { verdict: 'deferred', module: 'wait-for', batch: { nth: 1, of: 2 } }), restart('web2', { batch: { nth: 2, of: 2 } }))
    expect(rolling).toContain('>At least 1 of 2 hosts serves at all times.<')
    expect(rolling).toContain('web1: restarts in “Nodes, batch 1 of 2” by “restart web”; behind the gate “answers”')
    expect(rolling).toContain('web2: restarts in “Nodes, batch 2 of 2” by “restart web”; no step waits until it serves')
    expect(page(restart('web1', { batch: { nth: 1, of: 2 } }), restart('web2', { batch: { nth: 2, of: 2 } }))).toContain('<span class="says bounded">At least 1 of 2 hosts serves at all times, if each serves as soon as it is started: no step waits for it.<')
    expect(page(restart('web1'), restart('web2'))).toContain('>All 2 hosts are down at the same time.</span> Fewest in “Nodes”: without web1, web2.')
    expect(page(restart('web1', { verdict: 'deferred', changes: [] }), restart('web2', { verdict: 'deferred', changes: [] }))).toContain('>All 2 hosts may be down at the same time.<')
    expect(page(restart('web1'))).toContain('>It is down on the only host of this plan with it.<')
    expect(page(change('web1', '/etc/x'))).toContain('<p>No step of the plan stops or restarts a unit.</p>')
    const start = change('web1', 'start web', { module: 'service', needs: ['unit:web.service'] })
    expect(page(start)).toContain('>It does not run on the only host of this plan with it before the plan starts it.<')
    expect(page({ ...restart('web1'), module: 'service', play: 'Stop' }, change('web1', 'run', { verdict: 'change', risks: ['opaque'] }))).toMatch(/web1: stops in “Stop” by “restart web”; no later step starts it.* 1 step may stop more than is known here/s)
  })

  it('shows an estimate where earlier runs are known alone', () => {
    const file = planFileOf([change('web1', '/etc/x'), change('web1', '/etc/y')])
    expect(planFileAsPage(file)).toContain('no run of these steps is known yet')
    expect(planFileAsPage(file)).toContain('<dt>estimate</dt><dd><code>no run of this step is known yet</code></dd>')
    expect(planFileAsPage(file, { history: () => [4000] })).toContain('about 8.0 s')
    expect(planFileAsPage(file, { history: () => [4000] })).toContain('<dt>estimate</dt><dd><code>about 4.0 s</code></dd>')
    expect(estimateText({ ms: 4000, unknown: 1 }, 2)).toBe('about 4.0 s, and 1 step of which no run is known')
    expect(estimateText({ ms: 0, unknown: 1 }, 1)).toBe('no run of this step is known yet')
  })

  it('tells a change with its difference, its actions, on what it rests, and the way back', () => {
    const page = planFileAsPage(planFileOf([change('web1', '/etc/x', {
      user: 'sudo:root', needs: ['file:/etc/x'], handler: { notified: ['unit'] }, risks: ['destructive'],
      changes: [filedChange('update /etc/x', ['~ …', '  kept', '- old', '+ new'], { actions: [{ do: 'exec', script: 'one\ntwo\n' }], holds: ['file:/etc/x'] })],
    }), filed('web1', 'owed', { verdict: 'deferred', handler: { owed: true }, 'known-after': 'x', reason: 'waits for "x"' })]))
    expect(page).toContain('<span class="fold">~ …</span><span class="same">\u00a0 kept</span><span class="remove">- old</span><span class="add">+ new</span>')
    expect(page).toContain('<span>do: exec</span><span>script:</span><span>one</span><span>two</span>')
    for (const [name, value] of [['where', 'site.yaml:3:7'], ['as', 'sudo:root'], ['rests on', 'file:/etc/x'], ['must hold then', 'file:/etc/x'], ['way back', 'undo update /etc/x'], ['handler', 'notified by unit'], ['handler', 'owed by an earlier run']]) {
      expect(page).toContain(`<dt>${name}</dt><dd><code>${value}</code></dd>`)
    }
    expect(page).toContain('<code>/etc/x</code>: what is removed is kept by a copy of it alone')
  })
})
