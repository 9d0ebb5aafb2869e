import { expect, it } from 'vitest'
import type { RunEvent } from '../../src/core/events.js'
import { annotation, annotations, groups } from '../../src/report/annotations.js'
import { failure, settled } from './given.js'

const told = (events: readonly RunEvent[]): readonly string[] => {
  const lines: string[] = []
  const reporters = [groups((line) => { lines.push(line) }), annotations((line) => { lines.push(line) }, (file) => `deploy/${file}`)]
  for (const event of events) for (const one of reporters) one.on(event)
  return lines
}

it('tells GitHub of what failed, beside its line, and folds each play', async () => {
  expect(told([
    { type: 'play-started', play: 'Load: 100 %', hosts: ['lb1'], steps: 1 }, settled('lb1', 'kept', { status: 'ok' }), settled('lb1', 'nginx: site', failure), settled('lb1', 'let pass', failure, { ignored: true }), settled('lb1', 'taken up', failure, { rescued: true }),
    { type: 'host-lost', host: 'mi1', reason: 'no route to host\nhint: look' },
    { type: 'play-ended', play: 'Load', recap: {} }, { type: 'play-started', play: 'nobody', hosts: [], steps: 1 },
  ])).toEqual([
    '::group::Load: 100 %25',
    '::error file=deploy/site.yaml,line=12,col=7,title=lb1%3A nginx%3A site::nginx -t failed with exit 1 [action-failed]%0Anginx: [emerg] unknown directive "sever"%0Anginx: configuration file test failed%0Ahint: mend the template,%0Athen run again',
    '::error title=mi1 is not reached::no route to host%0Ahint: look [unreachable]',
    '::endgroup::',
  ])
})

it('lets nobody who names a step or a file say something of their own', () => {
  expect(annotation({ code: 'a', message: '100 %\r\n::add-mask::x', at: { file: 'a,b:c', line: 1, column: 2 } }, 'x,line=9::y\n::stop', (file) => file))
    .toBe('::error file=a%2Cb%3Ac,line=1,col=2,title=x%2Cline=9%3A%3Ay %3A%3Astop::100 %25%0A::add-mask::x [a]')
})
