import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/core/events.js'
import { childrenOf, escapeXml, isElement, parseXml, type Element } from '../../src/formats/xml.js'
import { junit } from '../../src/report/junit.js'
import { change, counts, failure, place, settled } from './given.js'

/** What the schema of Jenkins' xUnit plugin (junit-10.xsd) lets stand where; GitLab reads the same. */
const schema: Readonly<Record<string, { readonly attributes: readonly string[]; readonly inside: readonly string[] }>> = {
  testsuites: { attributes: ['name', 'time', 'tests', 'failures', 'errors'], inside: ['testsuite'] },
  testsuite: { attributes: ['name', 'tests', 'failures', 'errors', 'time', 'skipped', 'timestamp', 'hostname'], inside: ['testcase'] },
  testcase: { attributes: ['name', 'time', 'classname'], inside: ['skipped', 'failure', 'system-out'] },
  failure: { attributes: ['type', 'message'], inside: [] }, skipped: { attributes: ['type', 'message'], inside: [] }, 'system-out': { attributes: [], inside: [] },
}

const report = async (events: readonly RunEvent[], mistakes: Parameters<ReturnType<typeof junit>['refuse']>[0] = []): Promise<string> => {
  let text = ''
  const document = junit({ write: (more) => { text += more }, escape: escapeXml, now: () => new Date('2026-11-25T08:00:00.123Z') })
  events.forEach((event) => document.on(event))
  document.refuse(mistakes)
  await document.end()
  await document.end()
  return text
}
const elements = (element: Element): readonly Element[] => [element, ...childrenOf(element).filter(isElement).flatMap(elements)]
const rootOf = (text: string): Element => {
  const root = parseXml(text, 'report').document.documentElement
  if (root === null) throw new Error('an empty report')
  return root
}

const events: readonly RunEvent[] = [
  { type: 'play-started', play: 'Load balancer', hosts: ['lb1'], steps: 6 },
  settled('lb1', 'motd', { status: 'change', changes: [change('create /etc/motd'), change('chmod /etc/motd')] }),
  settled('lb1', 'kept', { status: 'ok' }), settled('lb1', 'told', { status: 'ok', says: 'so it is' }),
  settled('lb1', 'left out', { status: 'skipped', because: 'when is false' }), settled('lb1', 'later', { status: 'deferred', until: 'gate' }),
  settled('lb1', 'nginx', failure), settled('lb1', 'let pass', failure, { ignored: true }), settled('lb1', 'taken up', failure, { rescued: true }),
  { type: 'host-lost', host: 'mi.example.org', reason: 'no route to host' },
  { type: 'run-ended', mode: 'run', recap: { lb1: counts() }, ms: 1, stopped: 'interrupted' },
]

describe('a report for JUnit', () => {
  it('has a suite a host and a case a step', async () => {
    expect(await report(events)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="provision" tests="10" failures="3" errors="0" time="0.960">
<testsuite name="lb1" tests="8" failures="1" errors="0" time="0.960" skipped="2" timestamp="2026-11-25T08:00:00" hostname="lb1">
<testcase name="motd" classname="lb1.Load balancer" time="0.120">
<system-out>create /etc/motd
chmod /etc/motd</system-out>
</testcase>
<testcase name="kept" classname="lb1.Load balancer" time="0.120"/>
<testcase name="told" classname="lb1.Load balancer" time="0.120">
<system-out>so it is</system-out>
</testcase>
<testcase name="left out" classname="lb1.Load balancer" time="0.120">
<skipped message="when is false"/>
</testcase>
<testcase name="later" classname="lb1.Load balancer" time="0.120">
<skipped message="waits for &quot;gate&quot;"/>
</testcase>
<testcase name="nginx" classname="lb1.Load balancer" time="0.120">
<failure message="nginx -t failed with exit 1" type="action-failed">nginx -t failed with exit 1
at site.yaml:12:7
nginx: [emerg] unknown directive "sever"
nginx: configuration file test failed
hint: mend the template,
then run again</failure>
</testcase>
<testcase name="let pass" classname="lb1.Load balancer" time="0.120">
<system-out>failed, which the playbook lets pass: nginx -t failed with exit 1</system-out>
</testcase>
<testcase name="taken up" classname="lb1.Load balancer" time="0.120">
<system-out>failed, which the playbook lets pass: nginx -t failed with exit 1</system-out>
</testcase>
</testsuite>
<testsuite name="mi.example.org" tests="1" failures="1" errors="0" time="0.000" skipped="0" timestamp="2026-11-25T08:00:00" hostname="mi.example.org">
<testcase name="reach the host" classname="mi.example.org" time="0.000">
<failure message="no route to host" type="unreachable">no route to host</failure>
</testcase>
</testsuite>
<testsuite name="provision" tests="1" failures="1" errors="0" time="0.000" skipped="0" timestamp="2026-11-25T08:00:00" hostname="provision">
<testcase name="come to the end" classname="provision" time="0.000">
<failure message="interrupted" type="stopped">interrupted</failure>
</testcase>
</testsuite>
</testsuites>
`)
  })

  it('tells mistakes of the files, for which there was no walk', async () => {
    const text = await report([], [{ code: 'unknown-key', message: 'unknown key "a"', at: place, hint: 'known here: b' }, { code: 'no-such-host', message: 'nobody' }])
    expect(elements(rootOf(text)).filter(({ tagName }) => tagName === 'testcase').map((one) => one.getAttribute('name'))).toEqual(['site.yaml:12:7', 'no-such-host'])
    expect(await report([])).toBe('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="provision" tests="0" failures="0" errors="0" time="0.000"/>\n')
  })

  it('is well-formed whatever hosts and readers say, and has nothing that the schema does not know', async () => {
    const odd = 'a<b>&"\'\u0000\u0007\u001b[31m ]]> \ud800 \uffff <!-- \r\n é 😀'
    const text = await report([
      settled(odd, odd, { status: 'failed', error: { code: 'odd', message: odd, output: odd, hint: odd } }, { play: `${odd}.x` }),
      settled('h', odd, { status: 'change', changes: [change(odd)] }), settled('h', odd, { status: 'skipped', because: odd }),
    ])
    for (const element of elements(rootOf(text))) {
      expect(schema[element.tagName]?.attributes).toEqual(expect.arrayContaining([...element.attributes].map(({ name }) => name)))
      expect(schema[element.tagName]?.inside).toEqual(expect.arrayContaining(childrenOf(element).filter(isElement).map(({ tagName }) => tagName)))
    }
    expect(text).toContain('é 😀')
    expect(text).toContain('a&lt;b&gt;&amp;&quot;')
    expect(text).toContain('classname="h.Load balancer"')
  })
})
