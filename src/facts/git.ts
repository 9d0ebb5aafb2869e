import { ProvisionError } from '../core/errors.js'
import type { HostFact } from '../core/fact.js'
import { script, sh, type Script } from '../core/shell.js'
import { oneByOne } from './one-by-one.js'
import { printFolder, restingPlace, unlessThere } from './resting-place.js'

/** What lies at the path of a checkout. */
export type CheckoutState =
  | { readonly type: 'absent' | 'empty' | 'other' }
  | { readonly type: 'checkout'; readonly commit: string; readonly url: string
      /** Files that are tracked differ, or there are commits that the repository was not seen to have. */
      readonly changed: boolean }

/** A version of a repository: its commit, and the branch or tag that says so. */
export interface GitVersion { readonly commit: string; readonly branch?: string; readonly tag?: string }

/** A repository as a host reaches it. */
export interface GitSource { readonly url: string; readonly keyFile?: string | undefined }

/** Where a checkout that we made keeps the commit that it was given. */
export const PLACED = 'refs/provision/placed'

const ABSENT = 44
const EMPTY = 45
const OTHER = 46
const NO_GIT = 127

const hasGit = sh`command -v git >/dev/null || { echo 'git is not on this host' >&2; exit ${NO_GIT}; }`

/** git asks nobody, writes nothing but what it is told to, and uses the key. */
export const gitAlone = ({ keyFile }: Pick<GitSource, 'keyFile'>): Script =>
  sh`export LC_ALL=C GIT_OPTIONAL_LOCKS=0 GIT_TERMINAL_PROMPT=0 GIT_SSH_COMMAND=${String(sh`ssh -o BatchMode=yes ${keyFile === undefined ? [] : ['-o', 'IdentitiesOnly=yes', '-i', keyFile]}`)}`

const missingGit = (): ProvisionError => new ProvisionError('missing-program', 'the host has no program git', { hint: 'put a step `package: { name: git }` before this one' })

const checkoutKind = oneByOne<CheckoutState>({
  name: 'checkout',
  summary: 'The checkout of a git repository at a path: its commit, where it came from, and whether anybody changed it.',
  script: (path) => script(
    printFolder(path),
    unlessThere(path, ABSENT),
    sh`[ -d ${path} ] || exit ${OTHER}
cd -- ${path} || exit 1
if [ ! -e .git ]; then [ -z "$(ls -A)" ] && exit ${EMPTY}; exit ${OTHER}; fi`,
    hasGit,
    gitAlone({}),
    sh`git rev-parse --is-inside-work-tree >/dev/null || exit 1
git rev-parse --verify -q HEAD || echo
git config --get remote.origin.url || echo
changes=$(git status --porcelain --untracked-files=no) || exit 1
[ -n "$changes" ] || changes=$(git rev-list -n 1 HEAD --not --remotes --tags ${`--glob=${PLACED}`} 2>/dev/null)
[ -z "$changes" ] || echo changed`,
  ),
  parse(path, { stdout, stderr, exit }) {
    if (exit === ABSENT) return { type: 'absent' }
    if (exit === EMPTY) return { type: 'empty' }
    if (exit === OTHER) return { type: 'other' }
    if (exit === NO_GIT) throw missingGit()
    if (exit !== 0) throw new ProvisionError('not-readable', `git cannot read ${path}`, { hint: "act as the checkout's owner: say `become-user` at the step or the play", output: stderr })
    const [, commit = '', url = '', changed = ''] = stdout.split('\n')
    return { type: 'checkout', commit, url, changed: changed !== '' }
  },
  path: restingPlace,
  fromTree: (path, tree) => (tree.entries[path.slice(tree.root.length + 1)] === undefined ? { type: 'absent' } : undefined),
})

/** A checkout: `checkout:/opt/app`. */
export const checkoutAt = (path: string): HostFact<CheckoutState, string> => ({ key: `checkout:${path}`, kind: checkoutKind, subject: path })

interface VersionSubject extends GitSource { readonly version: string }

const versionKind = oneByOne<GitVersion | null, VersionSubject>({
  name: 'git-version',
  summary: 'The commit that a branch or tag of a git repository leads to, asked from the host; nothing when there is none.',
  beyond: true,
  script: ({ url, version, keyFile }) => script(
    hasGit,
    gitAlone({ keyFile }),
    sh`timeout 60 git ls-remote --symref -- ${url} ${version === 'HEAD' ? ['HEAD'] : [`refs/heads/${version}`, `refs/tags/${version}`, `refs/tags/${version}^{}`]}`,
  ),
  parse({ url, version }, { stdout, stderr, exit }) {
    if (exit === NO_GIT) throw missingGit()
    if (exit !== 0) throw new ProvisionError('no-repository', `the host cannot ask the repository ${url}`, { hint: 'see that the URL is right, and that the host reaches it and may read it', output: stderr })
    const refs = new Map(stdout.split('\n').filter((line) => line !== '').map((line) => [line.split('\t')[1] ?? '', line.split('\t')[0] ?? '']))
    if (version !== 'HEAD') {
      const branch = refs.get(`refs/heads/${version}`)
      const tag = refs.get(`refs/tags/${version}^{}`) ?? refs.get(`refs/tags/${version}`)
      return branch !== undefined ? { commit: branch, branch: version } : tag !== undefined ? { commit: tag, tag: version } : null
    }
    const named = /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(stdout)?.[1]
    const commit = /^([0-9a-f]{40,64})\tHEAD$/m.exec(stdout)?.[1]
    return commit === undefined ? null : { commit, ...(named === undefined ? {} : { branch: named }) }
  },
})

/** What a branch or tag leads to: `git-version:main of https://git.example.com/app`. */
export const gitVersion = (source: GitSource, version: string): HostFact<GitVersion | null, VersionSubject> =>
  ({ key: `git-version:${version} of ${source.url}`, kind: versionKind, subject: { ...source, version } })

/** The kinds of what is asked about repositories. */
export const gitKinds = [checkoutKind, versionKind] as const
