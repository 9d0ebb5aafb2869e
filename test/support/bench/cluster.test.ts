import { describe, expect, it } from 'vitest'
import { clusterSection, wrongCounts } from './cluster.js'
import { recapOf, type Counts } from './ways.js'

const hosts = ['db1', 'lb1'] as const
const counts = (db1: Counts, lb1: Counts): ReadonlyMap<string, Counts> => new Map([['db1', db1], ['lb1', lb1]])
const still = { ok: 9, changed: 0 }
const moved = { ok: 8, changed: 1 }

describe('counts of a run over the cluster', () => {
  it.each([
    { situation: 'first apply', right: counts(moved, moved), wrong: counts(moved, still), tells: 'lb1 {"ok":9,"changed":0}' },
    { situation: 'one change', right: counts(still, moved), wrong: counts(moved, moved), tells: 'db1 {"ok":8,"changed":1}' },
    { situation: 'converged', right: counts(still, still), wrong: counts(still, moved), tells: 'lb1 {"ok":8,"changed":1}' },
  ] as const)('count for $situation when every host did what was asked', ({ situation, right, wrong, tells }) => {
    expect(wrongCounts(hosts, situation, { exit: 0, counts: right })).toEqual([])
    expect(wrongCounts(hosts, situation, { exit: 0, counts: wrong })).toEqual([tells])
  })

  it('are wrong when the run failed, or lost a host, or did nothing on one', () => {
    expect(wrongCounts(hosts, 'converged', { exit: 1, counts: counts(still, still) })).toEqual(['exit 1'])
    expect(wrongCounts(hosts, 'converged', { exit: 0, counts: new Map([['db1', still]]) })).toEqual(['lb1 undefined'])
    expect(wrongCounts(hosts, 'converged', { exit: 0, counts: counts(still, { ok: 0, changed: 0 }) })).toEqual(['lb1 {"ok":0,"changed":0}'])
    expect(wrongCounts(hosts, 'converged', { exit: 0, counts: counts(still, { ok: Number.NaN, changed: Number.NaN }) })).toEqual(['lb1 {"ok":null,"changed":null}'])
  })
})

describe('the recap of Ansible', () => {
  it('counts what changed beside what was ok, and not twice', () => {
    expect(recapOf('ok: [db1]\n\nPLAY RECAP ***\ndb1                        : ok=12   changed=8    unreachable=0    failed=0    skipped=1    rescued=0    ignored=0   \n'))
      .toEqual(new Map([['db1', { ok: 4, changed: 8 }]]))
  })
})

describe('the part of the report', () => {
  it('sets all ways beside ours', () => {
    const figure = (way: 'ansible' | 'provision', seconds: number, frames: number) =>
      ({ way, situation: 'converged', times: 1, seconds: { median: seconds, least: seconds, most: seconds }, cpuSeconds: 1, hostCpuSeconds: 2, megabytes: 90, frames } as const)
    expect(clusterSection([figure('provision', 4, 7), figure('ansible', 90, Number.NaN)]).rows).toEqual([
      ['converged', 'provision', '1', '4.00', '1.00', '1.00', '2.00', '90', '7'],
      ['converged', 'ansible', '1', '90.00', '22.50', '1.00', '2.00', '90', '–'],
    ])
  })
})
