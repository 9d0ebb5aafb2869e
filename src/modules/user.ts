import { z } from 'zod'
import { below, disturbs, type Change, type Disturbance } from '../core/change.js'
import { claimOf } from '../core/claim.js'
import { valueDiff } from '../core/diff.js'
import { ProvisionError } from '../core/errors.js'
import { becomes, type HostFact } from '../core/fact.js'
import { defineModule } from '../core/module.js'
import { concat } from '../core/secret.js'
import { script, sh } from '../core/shell.js'
import { UnknownValue } from '../core/unknown.js'
import { group, type GroupState } from '../facts/group.js'
import { password as passwordOf } from '../facts/password.js'
import { user as userOf, type UserState } from '../facts/user.js'
import { userGroups } from '../facts/user-groups.js'
import { accountFiles, accountNumber, removalEffects } from './account-arguments.js'
import { absolutePath, accountName } from './arguments.js'
import { secret } from './secret-argument.js'

const args = z.strictObject({
  name: accountName.describe('The user.'),
  uid: accountNumber.optional().describe('Its number. Chosen by the host when unset; the number of a user that exists is never altered.'),
  group: accountName.optional().describe("The primary group, which must exist. Left alone when unset; a new user gets one of the user's name."),
  groups: z.array(accountName).default([]).describe('More groups, which must exist. The user stays in others.'),
  comment: z.string().regex(/^[^:\n]*$/, 'expected text without colons and line ends').optional().describe('Full name or purpose. Left alone when unset.'),
  home: absolutePath.optional().describe('Home directory. Left alone when unset; a new user gets /home/NAME. A home that exists is not moved.'),
  'create-home': z.boolean().optional().describe("Whether a new user's home is made. When unset: not for system users."),
  shell: absolutePath.optional().describe('Login shell. Left alone when unset; a new user gets /bin/sh, a system user /usr/sbin/nologin.'),
  system: z.boolean().default(false).describe("Whether a new user's number is taken from those of system users."),
  password: secret.refine((hash) => /^(\$[^:\n]+\$[^:\n]+|[!*][^:\n]*)$/.test(hash.reveal()), 'expected what /etc/shadow holds of a password, such as "{{ word | password_hash }}"; `*` is none that could be given').optional()
    .describe('The entry of its password in /etc/shadow: `"{{ word | password_hash }}"`, or `*` for none. Left alone when unset; a new user then has none.'),
  'update-password': z.enum(['always', 'on-create']).default('always').describe('Whether the password is set again where it is another one, or only given to a new user.'),
  state: z.enum(['present', 'absent']).default('present').describe('Whether there is such a user. `absent` keeps the home directory.'),
})
type Args = z.output<typeof args>

type UserNeeds = {
  readonly now: HostFact<UserState, string>
  readonly in: HostFact<readonly string[], string>
  readonly [group: `group ${string}`]: HostFact<GroupState, string>
  readonly [password: `password ${string}`]: HostFact<boolean>
}

export const user = defineModule({
  name: 'user',
  kind: 'state',
  summary: 'A user exists with these groups, home and shell, or not.',
  args,
  examples: [
    `user: { name: app, uid: 1802, group: app, home: /opt/app, create-home: false, shell: /usr/sbin/nologin, system: true }`,
    `user: { name: admin, password: '$6$Qf3jEwMq$VtcTQcrrTAiRGWgLhSQbUWvGnbyKVMVmQ6jMHmmxdfzUNaZ2LNJXkZ0hLkWbCoMvp6V5uKb4Nm8gDpkbZ0K5j1', update-password: on-create }`,
    `user: { name: deploy, groups: [adm, www-data], shell: /bin/bash }`,
  ],
  needs: ({ name, group: primary, groups, password }): UserNeeds => ({
    now: userOf(name), in: userGroups(name),
    ...Object.fromEntries([name, ...(primary === undefined ? [] : [primary]), ...groups].map((one) => [`group ${one}` as const, group(one)])),
    ...(password === undefined ? {} : { [`password ${name}` as const]: passwordOf(name, password) }),
  }),
  mayDisturb: ({ name, state, home = `/home/${name}` }) => [
    disturbs(userOf(name)), `password:${name}`, disturbs(userGroups(name)), disturbs(group(name)), ...accountFiles, ...mailOf(name), below(home), ...(state === 'absent' ? removalEffects : []),
  ],
  claims: ({ name, state, uid, group: primary, comment, home, shell }) => [claimOf(`user:${name}`, { state, uid, group: primary, comment, home, shell })],
  check(wanted, facts) {
    const { name, state } = wanted
    const { now, in: member } = facts
    if (state === 'absent') return now.exists ? [remove(name)] : []
    for (const one of [...(wanted.group === undefined ? [] : [wanted.group]), ...wanted.groups]) {
      if (facts[`group ${one}`]?.exists === false) throw new ProvisionError('no-such-group', `there is no group ${one}`, { hint: `put a step \`group: { name: ${one} }\` before this one` })
    }
    if (!now.exists) return [create(wanted, facts[`group ${name}`]?.exists === true), ...setPassword(wanted)]
    if (wanted.uid !== undefined && now.uid === undefined) throw new UnknownValue(`the host chooses the number of ${name}`)
    if (wanted.uid !== undefined && now.uid !== wanted.uid) {
      throw new ProvisionError('uid-differs', `the user ${name} has the number ${now.uid}, not ${wanted.uid}`, { hint: 'its files would be left behind: leave `uid` unset, or change it by hand' })
    }
    return [...modify(wanted, now, member), ...(facts[`password ${name}`] === false && wanted['update-password'] === 'always' ? setPassword(wanted) : [])]
  },
})

type Existing = Extract<UserState, { exists: true }>

const create = (wanted: Args, groupThere: boolean): Change => {
  const { name, uid, groups, system, comment } = wanted
  const home = wanted.home ?? `/home/${name}`
  const shell = wanted.shell ?? (system ? '/usr/sbin/nologin' : '/bin/sh')
  const primary = wanted.group ?? name
  const createHome = wanted['create-home'] ?? !system
  const options = [
    ...(system ? ['-r'] : []), ...(uid === undefined ? [] : ['-u', uid]), ...(wanted.group === undefined && !groupThere ? ['-U'] : ['-g', primary]),
    ...(groups.length === 0 ? [] : ['-G', groups.join(',')]), ...(comment === undefined ? [] : ['-c', comment]), '-d', home, createHome ? '-m' : '-M', '-s', shell,
  ]
  return {
    summary: `create user ${name}`,
    actions: [{ do: 'exec', script: sh`useradd ${options} -- ${name}`.text }],
    predicts: [
      becomes(userOf(name), { exists: true, ...(uid === undefined ? {} : { uid }), group: primary, comment: comment ?? '', home, shell }),
      becomes(userGroups(name), [...new Set([primary, ...groups])].sort()),
      ...(wanted.group === undefined && !groupThere ? [becomes(group(name), { exists: true })] : []),
    ],
    disturbs: [...accountFiles, ...mailOf(name), ...(createHome ? [below(home)] : [])],
    confirm: sh`getent passwd ${name} >/dev/null`.text,
  }
}

const modify = (wanted: Args, now: Existing, member: readonly string[]): Change[] => {
  const { name, group: primary = now.group, comment = now.comment, home = now.home, shell = now.shell } = wanted
  const missing = wanted.groups.filter((one) => !member.includes(one))
  const options = [
    ...(primary === now.group ? [] : ['-g', primary]), ...(comment === now.comment ? [] : ['-c', comment]),
    ...(home === now.home ? [] : ['-d', home]), ...(shell === now.shell ? [] : ['-s', shell]), ...(missing.length === 0 ? [] : ['-a', '-G', missing.join(',')]),
  ]
  if (options.length === 0) return []
  const after = [...new Set([...member, ...missing])].sort()
  return [{
    summary: `change user ${name}`,
    diff: valueDiff([
      ['group', now.group, primary], ['comment', now.comment, comment], ['home', now.home, home], ['shell', now.shell, shell], ['groups', member.join(' '), after.join(' ')],
    ]),
    actions: [{ do: 'exec', script: sh`usermod ${options} -- ${name}`.text }],
    predicts: [becomes(userOf(name), { ...now, group: primary, comment, home, shell }), ...(primary === now.group ? [becomes(userGroups(name), after)] : [])],
    // the old primary group stays a group of the user only if the group says so itself
    disturbs: [...accountFiles, ...(primary === now.group ? [] : [disturbs(userGroups(name))])],
    confirm: script(
      sh`[ "$(getent passwd ${name} | cut -d: -f5-)" = ${[comment, home, shell].join(':')} ] && [ "$(id -gn -- ${name})" = ${primary} ] || exit 1`,
      sh`in=" $(id -Gn -- ${name}) "; for one in ${missing}; do case $in in *" $one "*) ;; *) exit 1 ;; esac; done`,
    ).text,
  }]
}

/** By standard input, as arguments are seen by everybody on the host. */
const setPassword = ({ name, password }: Args): readonly Change[] => (password === undefined ? [] : [{
  summary: `set the password of ${name}`,
  actions: [{ do: 'exec', script: 'chpasswd -e', stdin: concat([`${name}:`, password, '\n']) }],
  predicts: [becomes(passwordOf(name, password), true)],
  disturbs: [...accountFiles],
  confirm: sh`getent passwd ${name} >/dev/null`.text,
}])

const remove = (name: string): Change => ({
  summary: `remove user ${name}`,
  actions: [{ do: 'exec', script: sh`userdel -- ${name}`.text }],
  predicts: [becomes(userOf(name), { exists: false }), becomes(userGroups(name), [])],
  // userdel takes along a group of the user's name that nobody else is in
  disturbs: [...removalEffects, ...mailOf(name), disturbs(group(name))],
  confirm: sh`! getent passwd ${name} >/dev/null`.text,
})

const mailOf = (name: string): readonly Disturbance[] => [below(`/var/mail/${name}`), below(`/var/spool/mail/${name}`)]
