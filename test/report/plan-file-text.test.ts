import { expect, it } from 'vitest'
import { planFileAsText } from '../../src/report/plan-file-text.js'
import { filed, filedChange, planFileOf } from './given-plan-file.js'

it('tells at a terminal how many hosts serve at all times, without what could steer it', () => {
  const restart = (host: string, nth: number) => filed(host, 'restart', { batch: { nth, of: 2 }, play: 'Roll\u001b[2J', module: 'restart', verdict: 'change', needs: ['unit:web.service'], risks: ['restart'], changes: [filedChange('restart web.service')] })
  const text = planFileAsText(planFileOf([restart('web1', 1), restart('web2', 2)]))
  expect(text).toContain('\nAvailability\n  web.service  At least 1 of 2 hosts serves at all times, if each serves as soon as it is started: no step waits for it. on web1, web2; fewest in "Roll, batch 1 of 2": without web1\n  Assumed: ')
  expect(planFileAsText(planFileOf([filed('web1', 'fine')]))).not.toContain('Availability')
})
