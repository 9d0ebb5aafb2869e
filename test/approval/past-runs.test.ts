import { expect, it } from 'vitest'
import { historyOf, type PastStep } from '../../src/approval/past-runs.js'
import { filed } from '../report/given-plan-file.js'

const past = (host: string, step: string, second: number, ms: number, status = 'change'): PastStep => ({ host, address: filed(host, step).address, status, ended: new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString(), ms })
const change = (host: string, step: string) => filed(host, step, { verdict: 'change' })

it('tells what a step took when it did something on that host', () => {
  const history = historyOf([[past('web1', 'a', 5, 5000), past('web1', 'b', 7, 1500), past('web1', 'c', 9, 100, 'failed')], [past('web1', 'a', 4, 4000, 'ok')]])
  expect([history(change('web1', 'a')), history(change('web1', 'b')), history(change('web1', 'c')), history(change('web2', 'a'))]).toEqual([[5000], [1500], [], []])
  expect(history(filed('web1', 'a', { verdict: 'deferred' }))).toEqual([5000, 4000])
})

it('counts the time of steps that were settled together once', () => {
  const history = historyOf([[past('web1', 'a', 5, 5000), past('web2', 'x', 5, 4000), past('web1', 'b', 5, 5000), past('web1', 'c', 6, 5000)]])
  expect(['a', 'b', 'c'].map((step) => history(change('web1', step)))).toEqual([[5000], [0], [1000]])
  expect(history(change('web2', 'x'))).toEqual([4000])
})

it('counts no time in which a host waited for the batch before', () => {
  expect(historyOf([[past('web1', 'a', 5, 5000), past('web1', 'b', 60, 2000)]])(change('web1', 'b'))).toEqual([2000])
})

it('looks at the latest runs alone', () => {
  expect(historyOf(Array.from({ length: 30 }, (_, run) => [past('web1', 'a', 59, run)]))(change('web1', 'a'))).toEqual(Array.from({ length: 20 }, (_, run) => run + 10))
})
