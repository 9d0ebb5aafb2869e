import { describe, expect, test } from 'vitest'
import { assignAddresses, cacheDirectory, labNames, linkName, machineName } from '../../src/lab/naming.js'
import { overlap } from '../../src/lab/network.js'

describe('names of a lab', () => {
  test('derive from the path, so that two checkouts share none', () => {
    const [left, right] = [labNames('/home/a/provision'), labNames('/home/b/provision')]
    expect(labNames('/home/a/provision')).toEqual(left)
    expect(left.bridge).not.toBe(right.bridge)
    expect(left.alias).toBe('provision lab of /home/a/provision')
    expect(left.subnets.map((subnet) => subnet.split('.')[0])).toEqual(['10', '172', '198'])
  })

  test('fit into what the kernel allows, for any path', () => {
    for (const directory of ['/', `/${'é'.repeat(400)}`]) {
      const names = labNames(directory)
      expect(names.bridge.length).toBeLessThanOrEqual(15)
      expect(linkName(machineName(names.id, '10.1.2.254')).length).toBeLessThanOrEqual(15)
      expect(Buffer.byteLength(names.alias)).toBeLessThan(256)
    }
  })
})

describe('addresses', () => {
  const assign = (known: readonly [string, string][], ...requests: readonly (string | [string, string])[]): readonly [string, string][] =>
    [...assignAddresses('10.1.2', known.map(([name, address]) => ({ name, address })),
      requests.map((request) => (typeof request === 'string' ? { name: request } : { name: request[0], address: request[1] })))]

  test('count from .11 in the order of the hosts', () => {
    expect(assign([], 'db1', 'lb1')).toEqual([['db1', '10.1.2.11'], ['lb1', '10.1.2.12']])
  })

  test('stay with a host, whatever is asked for later', () => {
    expect(assign([['db1', '10.1.2.11'], ['mi1', '10.1.2.13']], 'mi1', 'lb1')).toEqual([['db1', '10.1.2.11'], ['mi1', '10.1.2.13'], ['lb1', '10.1.2.12']])
  })

  test('may be asked for', () => {
    expect(assign([], 'db1', ['lb1', '10.1.2.11'])).toEqual([['lb1', '10.1.2.11'], ['db1', '10.1.2.12']])
  })

  test.each([
    ['of another network', [['db1', '10.9.9.11']] as [string, string][], 'lab-address'],
    ['that is the controller\'s', [['db1', '10.1.2.1']] as [string, string][], 'lab-address'],
    ['that is taken', [['db1', '10.1.2.20'], ['lb1', '10.1.2.20']] as [string, string][], 'lab-address'],
    ['for what is no host name', ['db_1; reboot'], 'lab-host-name'],
  ])('are refused: one %s', (_, requests, code) => {
    expect(() => assign([], ...requests)).toThrow(expect.objectContaining({ code }))
  })

  test('end with .254', () => {
    const names = Array.from({ length: 245 }, (_, index) => `h${index}`)
    expect(assign([], ...names.slice(0, 244)).at(-1)).toEqual(['h243', '10.1.2.254'])
    expect(() => assign([], ...names)).toThrow(expect.objectContaining({ code: 'lab-full' }))
  })
})

test.each([
  ['10.1.2.0/24', '10.1.2.77/32', true], ['10.0.0.0/8', '10.1.2.0/24', true], ['10.1.3.0/24', '10.1.2.0/24', false],
  ['192.0.2.2/24', '192.0.2.9', true], ['172.16.0.0/12', '172.31.255.0/24', true], ['172.16.0.0/12', '172.32.0.0/24', false],
])('the networks %s and %s overlap: %s', (left, right, expected) => {
  expect(overlap(left, right)).toBe(expected)
  expect(overlap(right, left)).toBe(expected)
})

test('the cache is where the environment says, else with the user\'s other caches', () => {
  expect(cacheDirectory({ PROVISION_LAB_CACHE: '/c', XDG_CACHE_HOME: '/x' }, '/home/a')).toBe('/c')
  expect(cacheDirectory({ XDG_CACHE_HOME: '/x' }, '/home/a')).toBe('/x/provision/lab')
  expect(cacheDirectory({}, '/home/a')).toBe('/home/a/.cache/provision/lab')
})
