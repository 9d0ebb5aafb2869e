import { z } from 'zod'
import { below, type BroughtFile, type Change } from '../core/change.js'
import { claimOf } from '../core/claim.js'
import type { DiffLine } from '../core/diff.js'
import { ProvisionError } from '../core/errors.js'
import { becomes } from '../core/fact.js'
import { grant } from '../core/grant.js'
import { defineModule } from '../core/module.js'
import { partOf } from '../core/part-file.js'
import { script, sh, type Script } from '../core/shell.js'
import { fileAt } from '../facts/file.js'
import { tree, treeOn, type Tree, type TreeEntry } from '../facts/tree.js'
import { absolutePath, accountName } from './arguments.js'
import { parentOf, requireDirectory } from './file-access.js'

const args = z.strictObject({
  from: z.string().min(1).describe('The host that has the tree, by its name in the inventory. It is only read, as the user that the step acts as.'),
  src: absolutePath.describe('The directory there. What is in it is brought, as by rsync with a slash at the end.'),
  path: absolutePath.refine((path) => path !== '/', 'expected a directory of its own').describe('The directory here. Made when it is missing; its parent must exist.'),
  delete: z.boolean().default(false).describe('Whether what the other host does not have is removed here. What `exclude` names stays.'),
  exclude: z.array(z.string().regex(/^[^\0\n|]*[^\0\n|/][^\0\n|]*$/, 'expected a pattern')).default([])
    .describe('Patterns of what is neither brought nor removed. `*.log` is of names anywhere, `/var/cache` of a path below the directory, `cache/` of directories alone; `*` stands for slashes too.'),
  owner: accountName.optional().describe('Owner of everything here. By name as on the other host when unset.'),
  group: accountName.optional().describe('Group of everything here. By name as on the other host when unset.'),
})
type Args = z.output<typeof args>

type Entries = Readonly<Record<string, TreeEntry>>
type Brought = Extract<TreeEntry, { type: 'file' | 'directory' | 'link' }>

export const rsync = defineModule({
  name: 'rsync',
  kind: 'state',
  summary: 'A directory has what the same of another host has: files, links, modes and owners. Both are compared by checksum; only files that differ travel, through this machine, so that the hosts need neither keys of one another nor the program rsync.',
  risks: ({ delete: deletes }) => (deletes ? ['destructive'] : []),
  args,
  asks: 'from',
  examples: [
    'rsync: { from: web1, src: /srv/site, path: /srv/site, delete: true, exclude: [cache/, "*.log"] }',
    'rsync: { from: build1, src: /var/lib/build/app, path: /opt/app, owner: app, group: app }',
  ],
  needs: ({ from, src, path, exclude }) => ({ source: treeOn(from, src, exclude), now: tree(path, exclude), parent: fileAt(parentOf(path)) }),
  mayDisturb: ({ path }) => [below(path)],
  claims: ({ path }) => [claimOf(`file:${path}`, { type: 'directory' })],
  check(wanted, { source, now, parent }) {
    const { path } = wanted
    const goal = goalOf(wanted, source)
    if (now.type === 'not-a-directory') throw new ProvisionError('not-a-directory', `${path} is there and is not a directory`, { hint: 'choose another path, or remove it by hand' })
    if (now.type === 'absent') requireDirectory(parent, path)
    const change = bring(wanted, goal, now.type === 'absent' ? {} : now.entries)
    return change === undefined ? [] : [change]
  },
})

/** What shall be here: all that can be brought, owned as asked. */
const goalOf = ({ from, src, owner, group }: Args, source: Tree): ReadonlyMap<string, Brought> => {
  if (source.type !== 'directory') {
    throw new ProvisionError('no-source', `${src} on ${from} is ${source.type === 'absent' ? 'not there' : 'not a directory'}`, { hint: 'name a directory of that host' })
  }
  return new Map(Object.entries(source.entries).flatMap(([path, entry]): (readonly [string, Brought])[] => {
    if (entry.type === 'excluded') return []
    if (entry.type === 'other') throw new ProvisionError('special-file', `${src}/${path} on ${from} is a device, socket or pipe`, { hint: `leave it out: exclude: [/${path}]` })
    return [[path, { ...entry, owner: owner ?? entry.owner, group: group ?? entry.group }]]
  }))
}

const bring = (wanted: Args, goal: ReadonlyMap<string, Brought>, now: Entries): Change | undefined => {
  const { from, src, path } = wanted
  const removed = removedOf(wanted, goal, now)
  const left = new Map(Object.entries(now).filter(([name]) => !removed.includes(name)))
  const all = [...goal].toSorted(([one], [other]) => (one === '.' || (other !== '.' && one < other) ? -1 : 1))
  const differing = all.filter(([name, entry]) => lines(name, left.get(name), entry).length > 0)
  if (removed.length + differing.length === 0) return undefined
  const files = differing.flatMap(([name, entry]): BroughtFile[] => {
    const old = left.get(name)
    if (entry.type !== 'file' || (old?.type === 'file' && old.sha256 === entry.sha256)) return []
    const { size, sha256, mode, owner, group } = entry
    return [{ path: name, size, sha256, mode, owner, group }]
  })
  const at = (name: string): string => (name === '.' ? path : `${path}/${name}`)
  const before = script(
    ...removed.map((name) => (now[name]?.type === 'directory' ? sh`rmdir -- ${at(name)} || exit 1` : sh`rm -f -- ${at(name)} || exit 1`)),
    ...differing.flatMap(([name, entry]) => (entry.type === 'directory' && !left.has(name) ? [sh`mkdir -m 0700 -- ${at(name)} || exit 1`] : [])),
  )
  const after = script(
    ...differing.flatMap(([name, entry]) => (entry.type === 'link' ? [linked(at(name), entry)] : [])),
    // the deepest first: what a directory allows from then on need not allow this
    ...differing.toReversed().flatMap(([name, entry]) => (entry.type === 'directory' || (entry.type === 'file' && !files.some((file) => file.path === name)) ? [sh`${grant(at(name), entry)} || exit 1`] : [])),
  )
  const root = goal.get('.')
  return {
    summary: `bring ${path} from ${from}`,
    diff: { lines: [
      ...removed.map((name): DiffLine => ({ sign: '-', text: named(name, now[name]) })),
      ...differing.flatMap(([name, entry]) => lines(name, left.get(name), entry)),
    ] },
    actions: [
      ...(String(before) === '' ? [] : [{ do: 'exec', script: before.text } as const]),
      ...(files.length === 0 ? [] : [{ do: 'bring', from, root: src, to: path, files } as const]),
      ...(String(after) === '' ? [] : [{ do: 'exec', script: after.text } as const]),
    ],
    predicts: [
      becomes(tree(path, wanted.exclude), { type: 'directory', entries: Object.fromEntries([...left, ...goal]) }),
      ...(root?.type === 'directory' ? [becomes(fileAt(path), root)] : []),
    ],
    disturbs: [below(path)],
    // all of it is read again when the step is judged once more
    confirm: sh`[ -d ${path} ]`.text,
  }
}

/** What goes, the deepest first: what only this host has, and what lies where something else shall be. A directory stays as long as it holds what is excluded. */
const removedOf = ({ delete: deletes, path }: Args, goal: ReadonlyMap<string, Brought>, now: Entries): readonly string[] => {
  const names = Object.keys(now)
  const excluded = names.filter((name) => now[name]?.type === 'excluded')
  const isKept = (name: string): boolean => now[name]?.type === 'excluded' || excluded.some((one) => one.startsWith(`${name}/`))
  const inTheWay = [...goal].flatMap(([name, { type }]) => (now[name] === undefined || now[name].type === type ? [] : [name]))
  for (const name of inTheWay) {
    if (isKept(name) || (now[name]?.type === 'directory' && !deletes)) {
      throw new ProvisionError('in-the-way', `${path}/${name} is ${now[name]?.type === 'directory' ? 'a directory' : 'excluded'}, and something else on the other host`, {
        hint: isKept(name) ? 'move it away by hand' : 'say `delete: true`, or move it away by hand',
      })
    }
  }
  const gone = deletes ? names.filter((name) => !goal.has(name) && !isKept(name)) : []
  return [...new Set([...gone, ...inTheWay])].toSorted((one, other) => (one < other ? 1 : -1))
}

const linked = (path: string, { target, owner, group }: Extract<Brought, { type: 'link' }>): Script => {
  const part = partOf(path, 'part')
  return sh`rm -f -- ${part} && ln -s -- ${target} ${part} && chown -h -- ${`${owner}:${group}`} ${part} && mv -fT -- ${part} ${path} || exit 1`
}

const named = (name: string, entry: TreeEntry | undefined): string => (entry?.type === 'directory' ? `${name === '.' ? '' : name}/` : entry?.type === 'link' ? `${name} -> ${entry.target}` : name)

/** How one entry differs, for people; none when it does not. */
const lines = (name: string, old: TreeEntry | undefined, entry: Brought): readonly DiffLine[] => {
  if (old === undefined) return [{ sign: '+', text: named(name, entry) }]
  const accessOf = (one: TreeEntry): string => ['mode' in one ? one.mode : '', 'owner' in one ? `${one.owner}:${one.group}` : ''].filter((word) => word !== '').join(' ')
  return [
    ...(old.type === 'file' && entry.type === 'file' && old.sha256 !== entry.sha256 ? [{ sign: '~', text: name } as const] : []),
    ...(old.type === 'link' && entry.type === 'link' && old.target !== entry.target ? [{ sign: '-', text: named(name, old) } as const, { sign: '+', text: named(name, entry) } as const] : []),
    ...(accessOf(old) === accessOf(entry) ? [] : [{ sign: '-', text: `${named(name, entry)}: ${accessOf(old)}` } as const, { sign: '+', text: `${named(name, entry)}: ${accessOf(entry)}` } as const]),
  ]
}
