import { ProvisionError } from '../core/errors.js'
import type { HostFact, LocalFact } from '../core/fact.js'
import { sh, type Script } from '../core/shell.js'
import { answerOf, oneByOne } from './one-by-one.js'
import { unlessThere } from './resting-place.js'

/** One thing in a tree; what the patterns exclude is known to be there, and no more. */
export type TreeEntry =
  | { readonly type: 'file'; readonly mode: string; readonly owner: string; readonly group: string; readonly size: number; readonly sha256: string }
  | { readonly type: 'directory'; readonly mode: string; readonly owner: string; readonly group: string }
  | { readonly type: 'link'; readonly target: string; readonly owner: string; readonly group: string }
  | { readonly type: 'other' }
  | { readonly type: 'excluded' }

/** Everything at and below a directory, by its path relative to it; the directory itself is `.`. */
export type Tree = { readonly type: 'absent' } | { readonly type: 'not-a-directory' } | { readonly type: 'directory'; readonly entries: Readonly<Record<string, TreeEntry>> }

interface Wanted { readonly path: string; readonly exclude: readonly string[] }

const ABSENT = 44
const NOT_A_DIRECTORY = 45

/** Tests of find: a pattern without a slash is of names, one with a slash of paths below the directory; a slash at the end is of directories alone. */
const test = (pattern: string): readonly string[] => {
  const plain = pattern.replace(/\/$/, '')
  return ['(', ...(plain === pattern ? [] : ['-type', 'd']), ...(plain.includes('/') ? ['-path', `./${plain.replace(/^\//, '')}`] : ['-name', plain]), ')']
}

/** `find` with the excluded told apart, or left out. */
const found = (exclude: readonly string[], excluded: readonly string[], rest: readonly string[]): Script => (exclude.length === 0
  ? sh`find . ${rest}`
  : sh`find . ${['-mindepth', '1', '(', ...exclude.flatMap((pattern, index) => [...(index === 0 ? [] : ['-o']), ...test(pattern)]), ')', ...excluded, '-prune', '-o', ...rest]}`)

const kind = oneByOne<Tree, Wanted>({
  name: 'tree',
  summary: 'Everything in a directory and below it: types, modes, owners, sizes and checksums.',
  script: ({ path, exclude }) => sh`${unlessThere(path, ABSENT)}
[ -d ${path} ] || exit ${NOT_A_DIRECTORY}
cd -P -- ${path} && pwd -P || exit 1
find . -maxdepth 0 -printf ${'%y %m %s %u/%g/%P//%l\\0'} || exit 1
{ s=$( { { ${found(exclude, ['-printf', 'x %m %s %u/%g/%P//\\0'], ['-mindepth', '1', '-printf', '%y %m %s %u/%g/%P//%l\\0'])}; echo $? >&4; } | sort -z >&5; } 4>&1 ); } 5>&1
[ "$s" = 0 ] || exit 1
{ s=$( { { ${found(exclude, [], ['-type', 'f', '-print0'])}; echo $? >&4; } | sort -z | xargs -0 -r sha256sum -z -- >&5 || echo 1 >&4; } 4>&1 ); } 5>&1
[ "$s" = 0 ] || exit 1`,
  parse({ path }, { stdout, stderr, exit }) {
    if (exit === ABSENT) return { type: 'absent' }
    if (exit === NOT_A_DIRECTORY) return { type: 'not-a-directory' }
    if (exit !== 0) throw new ProvisionError('not-readable', `not everything in ${path} can be read`, { hint: 'say `become: true` at the step or the play', output: stderr })
    if (stdout.includes('\uFFFD')) throw new ProvisionError('odd-name', `a name in ${path} is not UTF-8 text`, { hint: 'rename it, or exclude the folder that it lies in' })
    const records = stdout.slice(stdout.indexOf('\n') + 1).split('\0').slice(0, -1)
    const sums = new Map(records.flatMap((record) => (SUM.test(record) ? [[record.slice(68), record.slice(0, 64)] as const] : [])))
    return { type: 'directory', entries: Object.fromEntries(records.flatMap((record) => {
      const { type, mode = '', size, owner = '', group = '', name = '', target = '' } = ENTRY.exec(record)?.groups ?? {}
      return type === undefined ? [] : [[name === '' ? '.' : name, entryOf(type, { mode: mode.padStart(4, '0'), owner, group }, Number(size), sums.get(name) ?? '', target)] as const]
    })) }
  },
  path({ path }, reply) {
    const [real = ''] = reply === undefined ? [] : answerOf(reply).stdout.split('\n', 1)
    return { path, isTree: true, ...(real === '' ? {} : { real }) }
  },
})

const SUM = /^[0-9a-f]{64} [ *]\.\//
const ENTRY = /^(?<type>\w) (?<mode>\d+) (?<size>\d+) (?<owner>[^/]*)\/(?<group>[^/]*)\/(?<name>(?:[^/]|\/(?!\/))*)\/\/(?<target>.*)$/s

const entryOf = (type: string, access: { mode: string; owner: string; group: string }, size: number, sha256: string, target: string): TreeEntry => {
  switch (type) {
    case 'f': return { type: 'file', ...access, size, sha256 }
    case 'd': return { type: 'directory', ...access }
    case 'l': return { type: 'link', target, owner: access.owner, group: access.group }
    case 'x': return { type: 'excluded' }
    default: return { type: 'other' }
  }
}

/** A directory with everything in it, but for what these patterns exclude: `tree:/srv/site`. */
export const tree = (path: string, exclude: readonly string[] = []): HostFact<Tree, Wanted> =>
  ({ key: `tree:${path}${exclude.length === 0 ? '' : ` without ${JSON.stringify(exclude)}`}`, kind, subject: { path, exclude } })

/** The same on another host of the inventory. */
export const treeOn = (host: string, path: string, exclude: readonly string[]): LocalFact<Tree> => {
  const there = tree(path, exclude)
  return { key: `${host} ${there.key}`, read: (controller) => controller.elsewhere(host, there) }
}

export const treeKind = kind
