import { counted } from '../core/counted.js'
import { z } from 'zod'
import { below, byExit, disturbs, every, type Change, type Disturbance, type FileState } from '../core/change.js'
import { claimOf, type Claim } from '../core/claim.js'
import { sha256 } from '../core/digest.js'
import { textDiff, type Diff } from '../core/diff.js'
import { ProvisionError } from '../core/errors.js'
import { becomes, type Prediction } from '../core/fact.js'
import { defineModule } from '../core/module.js'
import { oldOf } from '../core/part-file.js'
import { reveal, Secret, shown, type Text } from '../core/secret.js'
import { sh } from '../core/shell.js'
import { fileAt, READ_WHOLE } from '../facts/file.js'
import { identity } from '../facts/identity.js'
import { unitKind } from '../facts/unit.js'
import { absolutePath, access, text } from './arguments.js'
import { accessOf, changeAccess, parentOf, requireDirectory } from './file-access.js'

/** Where nothing lies. */
export const ABSENT: FileState = { type: 'absent' }

export const file = defineModule({
  name: 'file',
  kind: 'state',
  summary: 'A file has this content, mode and owner, or is absent.',
  args: z.strictObject({
    path: absolutePath.describe('Where the file lies.'),
    state: z.enum(['present', 'absent']).default('present').describe('Whether there is such a file. `absent` removes a file or a link, never a directory.'),
    content: text.optional().describe('The whole content. Left alone when unset; a new file is then empty.'),
    ...access,
    validate: z.string().optional().describe('A command that must succeed before the file takes its place; `%s` is the new file.'),
    'validate-after': z.string().optional().describe('A command that must succeed once the file is in place, such as `nginx -t`; else the old file is put back.'),
  }),
  examples: [
    `file: { path: /etc/motd, content: "Managed by provision.\\n", mode: '0644' }`,
    `file: { path: /etc/nginx/sites-enabled/default, state: absent }`,
  ],
  needs: ({ path, 'validate-after': check }) => ({ now: fileAt(path), parent: fileAt(parentOf(path)), who: identity, ...(check === undefined ? {} : { unproven: fileAt(oldOf(path)) }) }),
  mayDisturb: (args) => mayAlter(args),
  claims: ({ path, state, content, ...args }) => [state === 'absent' ? claimOf(`file:${path}`, { type: 'absent' }) : fileClaim(path, args, content === undefined ? undefined : sha256(reveal(content)))],
  check(args, { now, parent, who, unproven = ABSENT }) {
    const { path, state } = args
    if (now.type === 'directory' || now.type === 'other') {
      throw new ProvisionError('not-a-file', `${path} is a ${now.type === 'other' ? 'device, socket or pipe' : 'directory'}, not a file`, { hint: 'choose another path, or remove it by hand' })
    }
    if (state === 'absent') return now.type === 'absent' ? [] : [remove(path, now)]
    if (now.type === 'link') {
      throw new ProvisionError('is-a-link', `${path} is a symbolic link to ${now.target}`, { hint: `name ${now.target} instead, or remove the link with \`file: { path: ${path}, state: absent }\`` })
    }
    requireDirectory(parent, path)
    const wanted = accessOf(args, now, who, '0644')
    const given = args.content ?? (now.type === 'absent' ? '' : now.content)
    const isRight = now.type === 'file' && (args.content === undefined || reveal(now.sha256) === sha256(reveal(args.content)))
    if (isRight && (given === undefined || unproven.type === 'absent')) return changeAccess(path, now, wanted)
    const content = given ?? ''
    return [{
      summary: isRight ? checkAgain(path) : `${now.type === 'absent' ? 'create' : 'update'} ${path}`,
      diff: isRight ? CUT_OFF : now.type === 'absent' ? textDiff('', content) : now.content === undefined
        ? { lines: [{ sign: '~', text: `${path} is large or not text: sha256 ${shown(now.sha256)}` }] }
        : textDiff(now.content, content),
      actions: [{
        do: 'put', path, content, ...wanted,
        ...(args.validate === undefined ? {} : { validate: args.validate.replaceAll('%s', '"$1"') }),
        ...(args['validate-after'] === undefined ? {} : { validateAfter: args['validate-after'] }),
      }],
      predicts: [becomes(fileAt(path), stateOf(content, wanted)), ...nowProven(path, unproven)],
      disturbs: [below(path), ...unitsOf(path)],
      // a check of the reader's may alter what it checks; the content itself is read when the step is judged again
      confirm: args.validate === undefined && args['validate-after'] === undefined ? byExit
        : sh`[ "$(stat -c %a:%s -- ${path})" = ${`${wanted.mode.replace(/^0+(?=.)/, '')}:${Buffer.byteLength(reveal(content))}`} ]`.text,
    }]
  },
})

/** What is done where a run was cut off during the check: the file takes its place anew, and stands it to the end. */
export const checkAgain = (path: string): string => `check ${path} again`
export const CUT_OFF: Diff = { lines: [{ sign: '~', text: 'an earlier run was cut off before its check came to an end' }] }

/** Once a file has stood its check, the old one is gone. */
export const nowProven = (path: string, unproven: FileState): readonly Prediction[] => (unproven.type === 'absent' ? [] : [becomes(fileAt(oldOf(path)), { type: 'absent' })])

const remove = (path: string, now: FileState): Change => ({
  summary: `remove ${path}`,
  diff: { lines: now.type === 'file' && typeof now.content === 'string' ? [{ sign: '-', text: counted(now.content.split('\n').length - 1, 'line') }] : [{ sign: '-', text: now.type }] },
  actions: [{ do: 'exec', script: sh`rm -f -- ${path}`.text }],
  predicts: [becomes(fileAt(path), { type: 'absent' })],
  disturbs: [below(path), ...unitsOf(path)],
  confirm: byExit,
})

/** A file with this access and, by its digest, this content. */
export const fileClaim = (path: string, { mode, owner, group }: { mode?: string | undefined; owner?: string | undefined; group?: string | undefined }, content: unknown): Claim =>
  claimOf(`file:${path}`, { type: 'file', mode, owner, group, content })

/** The most that is altered where a file has this content and access. */
export const mayAlter = ({ path, 'validate-after': check }: { path: string; 'validate-after'?: string | undefined }): readonly Disturbance[] =>
  [below(path), ...unitsOf(path), ...(check === undefined ? [] : [disturbs(fileAt(oldOf(path)))])]

/** A file that systemd reads may make or alter units. */
export const unitsOf = (path: string): readonly Disturbance[] => (path.startsWith('/etc/systemd/') ? [every(unitKind)] : [])

/** What the host will answer once content with this access is there. */
export const stateOf = (content: Text, wanted: { mode: string; owner: string; group: string }): FileState => {
  const digest = sha256(reveal(content))
  const small = Buffer.byteLength(reveal(content)) <= READ_WHOLE
  return { type: 'file', ...wanted, sha256: content instanceof Secret ? new Secret(digest) : digest, ...(small ? { content } : {}) }
}

