import { z } from 'zod'
import { below } from '../core/change.js'
import type { Claim } from '../core/claim.js'
import { defineModule } from '../core/module.js'
import { editText, type Edit } from './edited-text.js'
import { file } from './file.js'

const PATH = '/etc/hosts'
const hostname = z.string().regex(/^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9])?$/, 'expected a host name')

export const hostsEntry = defineModule({
  name: 'hosts-entry',
  kind: 'state',
  summary: 'Names lead to an address in /etc/hosts, and to no other of its kind.',
  risks: () => ['network'],
  args: z.strictObject({
    address: z.union([z.ipv4(), z.ipv6()]).describe('An IPv4 or IPv6 address. A name may have one of each.'),
    names: z.union([hostname, z.array(hostname).min(1)]).describe('The names; the first is the canonical one of a new line. They are taken from other lines; other names stay.'),
    state: z.enum(['present', 'absent']).default('present').describe('Whether the names lead to the address.'),
  }),
  examples: ['hosts-entry: { address: 10.0.0.11, names: [mi1.example.com, mi1] }', 'hosts-entry: { address: 10.0.0.9, names: old-db, state: absent }'],
  needs: (_args, scope) => file.needs({ path: PATH, state: 'present' }, scope),
  mayDisturb: () => [below(PATH)],
  claims: ({ address, names, state }) => (state === 'absent' ? [] : [names].flat().map((name): Claim => ({ claims: 'name', name: name.toLowerCase(), address }))),
  check({ address, names, state }, facts) {
    const list = typeof names === 'string' ? [names] : names
    if (state === 'absent') return facts.now.type === 'absent' ? [] : editText(PATH, facts, absent(address, list))
    return editText(PATH, facts, present(address, list))
  },
})

interface Entry { readonly address: string; readonly names: readonly string[] }

const present = (address: string, names: readonly string[]): Edit => (lines) => {
  const entries = lines.map(entryOf)
  const here = entries.flatMap((entry, index) => (entry !== undefined && equal(entry.address, address) ? [index] : []))
  const missing = names.filter((name) => !here.some((index) => entries[index]?.names.some((other) => equal(name, other))))
  const edited = lines.flatMap((line, index) => {
    const entry = entries[index]
    if (entry === undefined || here.includes(index)) return [index === here[0] && missing.length > 0 ? withNames(line, missing) : index]
    return entry.address.includes(':') === address.includes(':') ? without(line, index, entry, names) : [index]
  })
  return here.length === 0 ? [...edited, `${address} ${names.join(' ')}`] : edited
}

const absent = (address: string, names: readonly string[]): Edit => (lines) => lines.flatMap((line, index) => {
  const entry = entryOf(line)
  return entry !== undefined && equal(entry.address, address) ? without(line, index, entry, names) : [index]
})

const entryOf = (line: string): Entry | undefined => {
  const [address, ...names] = line.replace(/#.*/, '').split(/\s+/).filter((word) => word !== '')
  return address === undefined ? undefined : { address, names }
}

/** Names are compared as resolvers do: whatever the case. */
const equal = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()

const withNames = (line: string, names: readonly string[]): string => {
  const entry = line.replace(/\s*(#.*)?$/, '')
  return `${entry} ${names.join(' ')}${line.slice(entry.length)}`
}

/** The line without names; no line when none are left. */
const without = (line: string, index: number, entry: Entry, names: readonly string[]): readonly (number | string)[] => {
  const gone = (name: string): boolean => names.some((one) => equal(one, name))
  if (!entry.names.some(gone)) return [index]
  if (entry.names.every(gone)) return []
  const body = line.replace(/#.*/, '')
  return [body.replace(/\s+(\S+)/g, (word, name: string) => (gone(name) ? '' : word)) + line.slice(body.length)]
}
