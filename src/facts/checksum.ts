import type { FileState } from '../core/change.js'
import { ProvisionError } from '../core/errors.js'
import type { HostFact } from '../core/fact.js'
import { sh } from '../core/shell.js'
import { oneByOne } from './one-by-one.js'
import { printFolder, restingPlace, unlessThere } from './resting-place.js'

const ABSENT = 44

const kind = oneByOne<FileState>({
  name: 'checksum',
  summary: 'What lies at a path, a file by its SHA-256 alone however small it is: its type, mode, owner and group.',
  script: (path) => sh`${printFolder(path)}
if [ -h ${path} ]; then stat -c 'link|%U|%G|' -- ${path} && readlink -- ${path}; exit; fi
${unlessThere(path, ABSENT)}
stat -c '%F|%a|%U|%G' -- ${path} || exit 1
if [ -f ${path} ]; then sha256sum < ${path}; fi`,
  parse(path, { stdout, stderr, exit }) {
    if (exit === ABSENT) return { type: 'absent' }
    if (exit !== 0) throw new ProvisionError('not-readable', `${path} may not be read by this user`, { hint: 'say `become: true` at the step or the play', output: stderr })
    const [, head = '', last = ''] = stdout.split('\n')
    const [type = '', ...access] = head.split('|')
    if (type === 'link') return { type, target: last, owner: access[0] ?? '', group: access[1] ?? '' }
    const [mode = '', owner = '', group = ''] = access
    const common = { mode: mode.padStart(4, '0'), owner, group }
    if (type === 'directory') return { type, ...common }
    return type.startsWith('regular') ? { type: 'file', ...common, sha256: last.slice(0, 64) } : { type: 'other' }
  },
  path: restingPlace,
  fromTree: (path, tree) => {
    const entry = tree.entries[path.slice(tree.root.length + 1)]
    return entry === undefined ? { type: 'absent' } : undefined
  },
})

/** A file known by its checksum, so that a prediction need not know what it holds: `checksum:/opt/app.tar.gz`. */
export const checksumAt = (path: string): HostFact<FileState, string> => ({ key: `checksum:${path}`, kind, subject: path })
export const checksumKind = kind
