import { z } from 'zod'
import { below, type Change } from '../core/change.js'
import { ProvisionError } from '../core/errors.js'
import { becomes } from '../core/fact.js'
import { grant } from '../core/grant.js'
import { defineModule } from '../core/module.js'
import { sh } from '../core/shell.js'
import { fileAt, type FileState } from '../facts/file.js'
import { identity } from '../facts/identity.js'
import { user as userOf, type UserState } from '../facts/user.js'
import { absolutePath, accountName } from './arguments.js'
import { editText, type Edit, type FileFacts } from './edited-text.js'
import { file } from './file.js'
import { changeAccess, parentOf } from './file-access.js'

const OPTIONS = '(?:[^\\s"]|"(?:\\\\.|[^"\\\\])*")+'
/** A line of authorized_keys: options, type and key; what follows is a comment. */
const LINE = new RegExp(`^\\s*(?:(?<options>${OPTIONS})\\s+)?(?<key>(?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9@.-]+\\s+AAAA[A-Za-z0-9+/]+={0,2})(?:\\s+(?<comment>.*\\S))?\\s*$`)

interface Entry { readonly options: string | undefined; readonly key: string; readonly comment: string | undefined }

const entryOf = (line: string): Entry | undefined => {
  const { options, key, comment } = LINE.exec(line)?.groups ?? {}
  return key === undefined ? undefined : { options, key: key.replace(/\s+/, ' '), comment }
}

const keyLines = (text: string): readonly string[] => text.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))

const args = z.strictObject({
  user: accountName.describe('The account that the key opens; it must exist.'),
  key: z.string().refine((text) => keyLines(text).length > 0 && keyLines(text).every((line) => entryOf(line) !== undefined), 'expected public keys, each a line such as `ssh-ed25519 AAAA… somebody`')
    .describe('The public key as its `.pub` file has it, or several, one a line.'),
  state: z.enum(['present', 'absent']).default('present').describe('Whether the keys open the account.'),
  'key-options': z.string().regex(new RegExp(`^${OPTIONS}$`), 'expected options with commas between, such as from="10.0.0.0/8",no-pty').optional()
    .describe('Options at the front of the line, such as `from="10.0.0.0/8",no-pty`. Those of `key` when unset: a line without.'),
  comment: z.string().regex(/^\S(.*\S)?$/).optional().describe('The comment at the end of the line. That of `key` when unset.'),
  exclusive: z.boolean().default(false).describe('Whether all other keys go. Comments and empty lines of the file stay.'),
  path: absolutePath.optional().describe('The file. When unset, .ssh/authorized_keys below /root or /home/USER; an account whose home lies elsewhere needs it said.'),
  'manage-dir': z.boolean().default(true).describe("Whether the file's folder is made, and is the account's with mode 0700."),
}).refine(({ exclusive, state }) => !exclusive || state === 'present', { message: 'what shall be absent cannot be exclusive', path: ['exclusive'] })
type Args = z.output<typeof args>

export const sshKey = defineModule({
  name: 'ssh-key',
  kind: 'state',
  summary: 'Public keys open an account, by lines of its authorized_keys, or do not.',
  args,
  examples: [
    'ssh-key: { user: deploy, key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKkJZ2tTnBuA0VvLwWPr6JyX2n0iFSKVCk9zWwyrR3Xe admin@example.com }',
    `ssh-key: { user: backup, path: /var/backups/.ssh/authorized_keys, key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDdS8rHZ3M0c3g2cUo1b5wM0R4bq8kYQ7l0vNwZ1aBcD backup@example.com, key-options: 'from="10.0.0.0/8",command="/usr/bin/rrsync /srv",no-pty', exclusive: true }`,
  ],
  needs: (wanted) => ({ now: fileAt(pathOf(wanted)), folder: fileAt(parentOf(pathOf(wanted))), above: fileAt(parentOf(parentOf(pathOf(wanted)))), account: userOf(wanted.user), who: identity }),
  mayDisturb: (wanted) => [below(wanted['manage-dir'] ? parentOf(pathOf(wanted)) : pathOf(wanted))],
  check(wanted, { now, folder, above, account, who }) {
    const path = pathOf(wanted)
    if (wanted.state === 'absent') return now.type === 'absent' ? [] : editText(path, { now, parent: folder, who }, without(entriesOf(wanted)))
    const { group } = requireAccount(wanted, account)
    const folders = wanted['manage-dir'] ? ownFolder(parentOf(path), folder, above, { mode: '0700', owner: wanted.user, group }) : []
    const facts = { now, parent: folders.length > 0 ? { type: 'directory', mode: '0700', owner: wanted.user, group } as const : folder, who }
    return [...folders, ...withKeys(wanted, path, facts, group)]
  },
})

const pathOf = ({ user, path }: Args): string => path ?? `${user === 'root' ? '' : '/home'}/${user}/.ssh/authorized_keys`

/** sshd looks where the account has its home, so that a file elsewhere would open nothing. */
const requireAccount = ({ user, path }: Args, account: UserState): Extract<UserState, { exists: true }> => {
  if (!account.exists) throw new ProvisionError('no-such-user', `there is no user ${user}`, { hint: `put a step \`user: { name: ${user} }\` before this one` })
  const usual = user === 'root' ? '/root' : `/home/${user}`
  if (path === undefined && account.home !== usual) {
    throw new ProvisionError('home-elsewhere', `the home of ${user} is ${account.home}, not ${usual}`, { hint: `say \`path: ${account.home}/.ssh/authorized_keys\`` })
  }
  return account
}

const ownFolder = (path: string, now: FileState, above: FileState, wanted: { mode: string; owner: string; group: string }): readonly Change[] => {
  if (now.type === 'directory') return changeAccess(path, now, wanted)
  if (now.type !== 'absent') return [] // a link may lead to one; sshd judges what it finds
  if (above.type !== 'directory' && above.type !== 'link') throw new ProvisionError('no-directory', `there is no directory ${parentOf(path)}`, { hint: "have the `user` step make the home directory: `create-home: true`" })
  return [{
    summary: `create directory ${path}`,
    actions: [{ do: 'exec', script: sh`mkdir -m 0700 -- ${path} && ${grant(path, { ...wanted, mode: '0700' })}`.text }],
    predicts: [becomes(fileAt(path), { type: 'directory', ...wanted })],
    disturbs: [below(path)],
    confirm: sh`[ "$(stat -c %F:%a:%U:%G -- ${path})" = ${`directory:700:${wanted.owner}:${wanted.group}`} ]`.text,
  }]
}

const withKeys = (wanted: Args, path: string, facts: FileFacts, group: string): readonly Change[] => {
  const access = { mode: '0600', owner: wanted.user, group }
  if (facts.now.type === 'absent') return file.check({ path, state: 'present', content: entriesOf(wanted).map((entry) => `${lineOf(entry)}\n`).join(''), ...access }, facts)
  return editText(path, facts, present(entriesOf(wanted), wanted.exclusive))
}

const entriesOf = (wanted: Args): readonly Entry[] => keyLines(wanted.key).flatMap((line) => entryOf(line) ?? [])
  .map(({ options, key, comment }) => ({ options: wanted['key-options'] ?? options, key, comment: wanted.comment ?? comment }))

const lineOf = ({ options, key, comment }: Entry): string => [options, key, comment].filter((part) => part !== undefined).join(' ')

/** A key that is there keeps its comment unless another is asked for; its options are as asked. */
const present = (wanted: readonly Entry[], exclusive: boolean): Edit => (lines) => {
  const seen = new Set<string>()
  const kept = lines.flatMap((line, index): readonly (number | string)[] => {
    const found = entryOf(line)
    if (found === undefined) return [index]
    const entry = wanted.find(({ key }) => key === found.key)
    if (entry === undefined) return exclusive ? [] : [index]
    if (seen.has(entry.key)) return []
    seen.add(entry.key)
    return found.options === entry.options && (entry.comment === undefined || found.comment === entry.comment) ? [index] : [lineOf({ ...entry, comment: entry.comment ?? found.comment })]
  })
  return [...kept, ...wanted.filter(({ key }, index) => !seen.has(key) && wanted.findIndex((other) => other.key === key) === index).map(lineOf)]
}

const without = (unwanted: readonly Entry[]): Edit => (lines) => lines.flatMap((line, index) => (unwanted.some(({ key }) => key === entryOf(line)?.key) ? [] : [index]))
