import { z } from 'zod'
import { below, type Change } from '../core/change.js'
import { valueDiff } from '../core/diff.js'
import { ProvisionError } from '../core/errors.js'
import { becomes, type Fact } from '../core/fact.js'
import { defineModule } from '../core/module.js'
import { script, sh, type Script } from '../core/shell.js'
import { fileAt } from '../facts/file.js'
import { checkoutAt, gitAlone, gitVersion, PLACED, type CheckoutState, type GitVersion } from '../facts/git.js'
import { constant } from '../facts/local-file.js'
import { program, requireProgram } from '../facts/program.js'
import { absolutePath } from './arguments.js'
import { parentOf, requireDirectory } from './file-access.js'

const COMMIT = /^([0-9a-f]{40}|[0-9a-f]{64})$/

const args = z.strictObject({
  repo: z.string().regex(/^[^-\s]\S*$/, 'expected a URL or path of a repository').refine((url) => !/^[a-z+]+:\/\/[^/@]*:[^/@]*@/.test(url), 'a password in a URL can be read by anybody on the host: use ssh with `key-file`')
    .describe('The repository, as git on the host reaches it: https, ssh, `git@host:path`, or a path.'),
  path: absolutePath.refine((path) => path !== '/', 'expected a directory of its own').describe('The directory that holds the checkout; its parent must exist. The checkout belongs to the acting user.'),
  version: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/+-]*$/, 'expected a branch, a tag or a whole commit').default('HEAD')
    .describe("A branch, a tag, or a commit of 40 digits. A branch is followed: what it leads to is asked in every run. `HEAD` is the repository's own choice of branch."),
  update: z.boolean().default(true).describe('Whether a checkout that is there is brought to the version; else it is left at what it is.'),
  force: z.boolean().default(false).describe('Whether local changes and local commits are thrown away; without, the step fails when there are any.'),
  depth: z.int().min(1).optional().describe('How many commits of the history are fetched. All when unset.'),
  recursive: z.boolean().default(true).describe('Whether submodules come along.'),
  'key-file': absolutePath.optional().describe("Private key on the host that ssh shows to the repository. The acting user's own keys when unset."),
})
type Args = z.output<typeof args>

export const git = defineModule({
  name: 'git',
  kind: 'state',
  summary: 'A checkout of a git repository is at a version; local changes are never overwritten unless it is said.',
  risks: ({ force }) => (force ? ['destructive'] : []),
  args,
  examples: [
    'git: { repo: https://git.example.com/app.git, path: /opt/app, version: v1.2.0 }',
    'git: { repo: git@git.example.com:config.git, path: /srv/config, version: main, key-file: /root/.ssh/deploy, force: true }',
  ],
  needs: ({ repo, path, version, 'key-file': keyFile }) => {
    const wanted: Fact<GitVersion | null> = COMMIT.test(version) ? constant({ commit: version }) : gitVersion({ url: repo, keyFile }, version)
    return { now: checkoutAt(path), parent: fileAt(parentOf(path)), git: program('git'), wanted }
  },
  mayDisturb: ({ path }) => [below(path)],
  check(asked, { now, parent, git: where, wanted }) {
    const { repo, path, version, force, update } = asked
    requireProgram(where, 'git', 'put a step `package: { name: git }` before this one')
    if (now.type === 'other') throw new ProvisionError('not-a-checkout', `${path} is there and is no checkout of git`, { hint: 'choose another path, or move it away by hand' })
    if (now.type === 'checkout' && !update) return []
    if (wanted === null) throw new ProvisionError('no-such-version', `${repo} has no branch or tag ${version}`, { hint: 'mend `version`; a commit is written with all of its 40 digits' })
    if (now.type !== 'checkout') {
      requireDirectory(parent, path)
      return [bring(asked, now, wanted)]
    }
    if (now.changed && !force) {
      throw new ProvisionError('local-changes', `the checkout ${path} holds local changes`, { hint: '`git status` and `git log` there show them; commit and push them, or say `force: true` if they may be thrown away' })
    }
    return now.commit === wanted.commit && now.url === repo && !now.changed ? [] : [bring(asked, now, wanted)]
  },
})

const bring = (asked: Args, now: CheckoutState, wanted: GitVersion): Change => {
  const { repo, path, version } = asked
  const old = now.type === 'checkout' ? now : { commit: '', url: '', changed: false }
  const verb = now.type !== 'checkout' ? 'check out' : old.commit !== wanted.commit ? 'update' : old.changed ? 'discard changes of' : 'point'
  return {
    summary: verb === 'point' ? `point ${path} to another repository` : `${verb} ${path}`,
    diff: valueDiff([['repository', old.url, repo], ['commit', old.commit, `${wanted.commit}${COMMIT.test(version) ? '' : ` (${version})`}`], ['local changes', old.changed ? 'thrown away' : '', '']]),
    actions: [{ do: 'exec', script: script(gitAlone({ keyFile: asked['key-file'] }), now.type === 'checkout' ? sh`cd -- ${path} || exit 1
${placed(asked, wanted)}` : anew(asked, wanted)).text }],
    predicts: [becomes(checkoutAt(path), { type: 'checkout', commit: wanted.commit, url: repo, changed: false })],
    disturbs: [below(path)],
    confirm: sh`[ "$(git -C ${path} rev-parse HEAD)" = ${wanted.commit} ]`.text,
  }
}

/** A new checkout grows beside its place and is moved there whole. */
const anew = (asked: Args, wanted: GitVersion): Script => {
  const { path } = asked
  const work = `${parentOf(path) === '/' ? '' : parentOf(path)}/.${path.slice(path.lastIndexOf('/') + 1)}.provision-new`
  return script(
    sh`rm -rf -- ${work} && git init -q -- ${work} || exit 1`,
    sh`( cd -- ${work} || exit 1
${placed(asked, wanted)} ) && mv -T -- ${work} ${path} || { rm -rf -- ${work}; exit 1; }`,
  )
}

/** Brings the repository in the current directory to the commit. */
const placed = ({ repo, depth, force, recursive }: Args, { commit, branch, tag }: GitVersion): Script => {
  const ref = branch !== undefined ? `+refs/heads/${branch}:refs/remotes/origin/${branch}` : tag !== undefined ? `+refs/tags/${tag}:refs/tags/${tag}` : commit
  return script(
    sh`if git remote | grep -qx origin; then git remote set-url origin ${repo}; else git remote add origin ${repo}; fi || exit 1`,
    depth === undefined ? sh`git fetch -q --tags --force origin '+refs/heads/*:refs/remotes/origin/*' || exit 1` : sh`git fetch -q --depth ${depth} origin ${ref} || exit 1`,
    sh`git cat-file -e ${`${commit}^{commit}`} 2>/dev/null || git fetch -q ${depth === undefined ? [] : ['--depth', depth]} origin ${commit} || exit 1`,
    sh`git checkout -q ${force ? ['-f'] : []} ${branch === undefined ? ['--detach', commit] : ['-B', branch, commit]} && git update-ref ${PLACED} ${commit} || exit 1`,
    branch !== undefined && sh`git branch -q --set-upstream-to ${`origin/${branch}`} 2>/dev/null`,
    recursive && sh`if [ -f .gitmodules ]; then git submodule -q sync --recursive && git submodule -q update --init --recursive ${force ? ['--force'] : []} || exit 1; fi`,
    sh`:`,
  )
}
