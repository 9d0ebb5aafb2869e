import { beforeAll, describe, expect, it } from 'vitest'
import type { Inventory } from '../../src/inventory/inventory.js'
import { limitHosts, selectHosts } from '../../src/inventory/patterns.js'
import { expandRange } from '../../src/inventory/ranges.js'
import { mistakesOf } from '../yaml/mistakes.js'
import { inventoryOf } from './files.js'

let inventory: Inventory
beforeAll(async () => {
  inventory = await inventoryOf('groups:\n  nodes: { hosts: { "mi[1:3]": } }\n  edge: { hosts: { lb1: , mi1: } }\n  db: { hosts: { db-a: , db-b: } }\n')
})

describe('a pattern', () => {
  it.each([
    ['all', 'mi1 mi2 mi3 lb1 db-a db-b'], ['*', 'mi1 mi2 mi3 lb1 db-a db-b'], ['nodes', 'mi1 mi2 mi3'], ['mi2', 'mi2'],
    ['lb1,mi1', 'mi1 lb1'], ['lb1:mi1', 'mi1 lb1'], ['lb1, mi1', 'mi1 lb1'], ['nodes:!mi2', 'mi1 mi3'], ['!mi2:nodes', 'mi1 mi3'], ['!nodes', 'lb1 db-a db-b'],
    ['nodes:&edge', 'mi1'], ['&edge', 'mi1 lb1'], ['all:&nodes:!edge', 'mi2 mi3'], ['mi*', 'mi1 mi2 mi3'], ['mi?', 'mi1 mi2 mi3'], ['d?', 'db-a db-b'],
    ['db-*:!db-b', 'db-a'], ['mi[1:2]', 'mi1 mi2'], ['mi[2:3]:lb1', 'mi2 mi3 lb1'], ['db-[a:b]', 'db-a db-b'], ['mi[1:3]:!mi[2:2]', 'mi1 mi3'], ['nodes:!nodes', ''],
    ['mi1,mi1', 'mi1'], ['nodes[0]', 'mi1'], ['nodes[-1]', 'mi3'], ['nodes:!nodes[0]', 'mi2 mi3'],
  ])('%s is %s', (pattern, expected) => {
    expect(selectHosts(inventory, pattern).map(({ name }) => name).join(' ')).toBe(expected)
  })

  it.each([
    ['ndoes', 'unknown-host: no host or group of inventories/prod/hosts.yaml is "ndoes" (did you mean "nodes"?)'],
    ['nodes:!mi9', 'unknown-host: no host or group of inventories/prod/hosts.yaml is "mi9" (did you mean "mi1"?)'],
    ['x*', 'unknown-host: no host or group of inventories/prod/hosts.yaml is "x*" (known here: all, nodes, edge, db, mi1, mi2, mi3, lb1, db-a, db-b)'],
    ['mi[3:4]', 'unknown-host: no host or group of inventories/prod/hosts.yaml is "mi4" (did you mean "mi1"?)'],
    ['nodes[3]', 'unknown-host: nodes[3] is beyond the 3 hosts of the group (the first is [0], the last [-1])'],
    ['mi[3:1]', 'bad-range: [3:1] runs backwards (write the smaller end first)'],
    ['nodes:!nodes', 'no-hosts: the limit "nodes:!nodes" leaves no host (see what there is with provision inventory --graph)'],
    ['', 'no-hosts: the limit "" leaves no host (see what there is with provision inventory --graph)'],
  ])('%j as a limit is a mistake', (pattern, expected) => {
    expect(mistakesOf(() => limitHosts(inventory, pattern))).toEqual([expected])
  })

  it('points at the playbook that it stands in', () => {
    expect(mistakesOf(() => selectHosts(inventory, 'node', { file: 'p.yaml', line: 4, column: 9 }))[0]).toMatch(/^4:9 unknown-host: .*did you mean "nodes"/)
  })
})

describe('a range', () => {
  it.each([
    ['mi', 'mi'], ['mi[1:3]', 'mi1 mi2 mi3'], ['mi[01:03]', 'mi01 mi02 mi03'], ['mi[09:11]', 'mi09 mi10 mi11'], ['db-[a:c].example', 'db-a.example db-b.example db-c.example'],
    ['[A:B][1:2]', 'A1 A2 B1 B2'], ['n[9:10]', 'n9 n10'], ['n[5:5]', 'n5'], ['n[0:1]', 'n0 n1'],
  ])('%s is %s', (range, expected) => {
    expect(expandRange(range).join(' ')).toBe(expected)
  })

  it.each([
    ['n[3:1]', 'bad-range: [3:1] runs backwards (write the smaller end first)'],
    ['n[c:a]', 'bad-range: [c:a] runs backwards (write the smaller end first)'],
    ['n[01:3]', 'bad-range: the ends of [01:3] are not equally long (write [01:12], or [1:12] for numbers without zeros)'],
    ['n[a:3]', 'bad-range: [a:3] is not a range (write two numbers, [1:3] or [01:12], or two letters, [a:c])'],
    ['n[:3]', 'bad-range: [:3] is not a range (write two numbers, [1:3] or [01:12], or two letters, [a:c])'],
    ['n[A:c]', 'bad-range: [A:c] is not a range (write two numbers, [1:3] or [01:12], or two letters, [a:c])'],
    ['n[1:99999999]', 'bad-range: [1:99999999] stands for more than 10000 hosts (write a shorter range)'],
    ['n[1:200][1:200]', 'bad-range: n[1:200][1:200] stands for more than 10000 hosts (write a shorter range)'],
  ])('%s is a mistake', (range, expected) => {
    expect(mistakesOf(() => expandRange(range))).toEqual([expected])
  })
})
