import { dirname, join, normalize } from 'node:path'
import { z } from 'zod'
import { ProvisionError, ProvisionErrors } from '../../src/core/errors.js'
import { defineModule, type Module } from '../../src/core/module.js'
import { Secret } from '../../src/core/secret.js'
import { isBlock, partsOf, type Around, type Binding, type Part, type Play, type Registered } from '../../src/core/step.js'
import type { Become } from '../../src/core/transport.js'
import type { Library } from '../../src/playbook/library.js'
import { loadPlaybook } from '../../src/playbook/load.js'
import type { Placed, PlayNode } from '../../src/playbook/nodes.js'
import { resolvePlays, type Selection } from '../../src/playbook/resolve.js'
import type { World } from '../../src/playbook/scope.js'
import { errorText } from '../../src/report/error-text.js'
import { styleOf } from '../../src/report/style.js'
import { parseYaml } from '../../src/yaml/document.js'

const anyText = z.union([z.string(), z.instanceof(Secret)])
const noteArgs = z.strictObject({
  content: anyText.optional(), path: anyText.optional(), value: z.unknown().optional(), count: z.int().min(1).optional(), kind: z.enum(['plain', 'fancy']).optional(), port: z.union([z.int(), z.strictObject({ number: z.int() })]).optional(),
})

/** A state that only tells what it was given: its arguments are the summary of its one change. */
const note = defineModule({
  name: 'note', kind: 'state', summary: 'Tells what it was given.', args: noteArgs, examples: ['note: { path: /tmp/a }'],
  needs: () => ({}), check: (args) => [{ summary: JSON.stringify(args), actions: [], predicts: [] }],
})
const act = defineModule({
  name: 'act', kind: 'verb', summary: 'Always acts.', args: z.strictObject({ name: z.string().optional() }), examples: ['act: { name: a }'],
  needs: () => ({}), check: (args) => [{ summary: JSON.stringify(args), actions: [], predicts: [] }],
})
/** Asks another host. */
const copies = defineModule({ name: 'copies', kind: 'state', summary: 'Asks another host.', args: z.strictObject({ from: z.string().optional() }), asks: 'from', examples: ['copies: { from: b }'], needs: () => ({}), check: () => [] })
/** Takes text that never prints. */
const hush = defineModule({ name: 'hush', kind: 'state', summary: 'Takes a secret.', args: z.strictObject({ password: anyText.transform((value) => (value instanceof Secret ? value : new Secret(value))) }), examples: ['hush: { password: x }'], needs: () => ({}), check: () => [] })
export const testModules: ReadonlyMap<string, Module> = new Map<string, Module>([['note', note], ['act', act], ['copies', copies], ['hush', hush]])

/** Files in memory; the playbook is `site.yaml`. */
export const libraryOf = (files: Readonly<Record<string, string>>): Library => ({
  find: (candidates) => candidates.map((path) => normalize(path)).find((path) => files[path] !== undefined),
  read: (path) => parseYaml(files[path] ?? '', path),
  list: (folder) => Object.keys(files).filter((path) => dirname(path) === normalize(folder)).map((path) => path.slice(path.lastIndexOf('/') + 1)),
})

export type Files = string | Readonly<Record<string, string>>
const filesOf = (files: Files): Readonly<Record<string, string>> => (typeof files === 'string' ? { 'site.yaml': files } : files)

export const load = (files: Files, modules: ReadonlyMap<string, Module> = testModules): readonly PlayNode[] => loadPlaybook('site.yaml', libraryOf(filesOf(files)), modules).plays

/** What the reader is told of the mistakes of these files. */
export const told = (action: () => unknown): string => {
  try {
    action()
  } catch (error) {
    if (error instanceof ProvisionError || error instanceof ProvisionErrors) return errorText(error, styleOf(false))
    throw error
  }
  return 'no mistake'
}
export const mistakesIn = (files: Files): string => told(() => load(files))

/** Each mistake as `file:line code: message`. */
export const briefly = (action: () => unknown): readonly string[] => {
  try {
    action()
  } catch (error) {
    const errors = error instanceof ProvisionErrors ? error.errors : [error]
    return errors.map((one) => {
      if (!(one instanceof ProvisionError)) throw one
      return `${one.at === undefined ? '' : `${one.at.file}:${one.at.line} `}${one.code}: ${one.message}`
    })
  }
  return []
}

export interface Given {
  readonly hosts?: Readonly<Record<string, { readonly vars?: Readonly<Record<string, unknown>>; readonly address?: string; readonly groups?: readonly string[] }>>
  readonly set?: Readonly<Record<string, unknown>>
  readonly selection?: Partial<Selection>
  readonly basics?: World['basics']
  readonly product?: World['product']
  readonly database?: World['database']
  readonly secrets?: NonNullable<World['secrets']>
}
const placed = (values: Readonly<Record<string, unknown>>, file: string): ReadonlyMap<string, Placed> =>
  new Map(Object.entries(values).map(([name, value], index) => [name, { value, place: { file, line: index + 1, column: 1 } }]))

export const worldOf = ({ hosts = { h1: {} }, set = {}, basics, product, database, secrets }: Given = {}): World => {
  const groups: Record<string, string[]> = { all: Object.keys(hosts) }
  for (const [host, { groups: names = [] }] of Object.entries(hosts)) for (const name of names) (groups[name] ??= []).push(host)
  const settings = placed(set, '--set')
  return { ...(basics === undefined ? {} : { basics }), ...(product === undefined ? {} : { product }), ...(database === undefined ? {} : { database }), ...(secrets === undefined ? {} : { secrets }), groups, hosts: new Map(Object.entries(hosts).map(([name, { vars = {}, address, groups: own = [] }]) => [name, { name, set: settings, own: placed(vars, join('inventory', name)), address, groups: own }])) }
}

export const resolve = (files: Files, given: Given = {}): readonly Play[] => {
  const world = worldOf(given)
  return resolvePlays(load(files), {
    world,
    hostsOf: (pattern) => world.groups[pattern] ?? (world.hosts.has(pattern) ? [pattern] : []),
    becomeOf: (_host, wanted): Become => ({ user: wanted.user ?? 'root', method: wanted.method ?? 'sudo' }),
    selection: { tags: [], skipTags: [], ...given.selection },
  })
}

/** What becomes of a step on a host: why it is skipped, or `name: arguments` of each item. */
export const outcomes = (binding: Binding): readonly string[] | string => ('skipped' in binding
  ? `skipped: ${binding.skipped}`
  : binding.steps.map(({ name, bound, become }) => `${name}: ${bound.check({}).map(({ summary }) => summary).join()}${become === undefined ? '' : ` as ${become.user} by ${become.method}`}`))

/** All steps of all plays on one host, in order. */
export const walked = (files: Files, given: Given = {}, host = 'h1', registered: Registered = new Map()): readonly (readonly string[] | string)[] =>
  resolve(files, given).filter(({ hosts }) => hosts.includes(host)).flatMap(({ steps }) => walkedParts(steps, host, registered))

/** All of these steps on a host, those of blocks round by round. */
export const walkedParts = (parts: readonly Part[], host: string, registered: Registered, around?: Around): readonly (readonly string[] | string)[] => parts.flatMap((part) => {
  if (!isBlock(part)) return [outcomes(part.bind(host, registered, around))]
  const bound = part.bind(host, registered, around)
  return 'skipped' in bound ? [`skipped: ${bound.skipped}`] : bound.rounds.flatMap((round) => walkedParts(partsOf(part), host, registered, round.around))
})

/** What every step of every play on a host is given, in order. */
export const values = (files: Files, given: Given = {}, host = 'h1', registered: Registered = new Map()): readonly unknown[] =>
  walked(files, given, host, registered).flat().map((line): unknown => JSON.parse(/: (\{.*)$/.exec(line)?.[1] ?? 'null'))

/** A play with these steps, for tests of single steps. */
export const play = (steps: string, more = ''): string => `- name: Play\n  hosts: all\n${indented(more, 2)}  steps:\n${indented(steps, 4)}`
/** A step list with these parameters and steps. */
export const list = (params: string, steps: string): string => `${params === '' ? '' : `params:\n${indented(params, 2)}`}steps:\n${indented(steps, 2)}`
const indented = (text: string, by: number): string => (text === '' ? '' : `${text.trimEnd().split('\n').map((line) => ' '.repeat(by) + line).join('\n')}\n`)
