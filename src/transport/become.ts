import type { ProvisionError } from '../core/errors.js'
import type { Text } from '../core/secret.js'
import { quote } from '../core/shell.js'
import { noSuchBecomeUser, type Become } from '../core/transport.js'
import { reachError } from './reach-error.js'
import type { Refusal } from './shell.js'
import { loopCommand, shellLoop } from './shell-loop.js'

/** How a shell is started as somebody: the command, the conversation about the password, and what a refusal means. */
export interface Start {
  readonly command: string
  readonly answer?: (stderr: string) => Text | undefined
  readonly refused: (refusal: Refusal) => ProvisionError
}

const outputOf = ({ stdout, stderr }: Refusal): string => `${stdout}${stderr}`.trim()
const withStatus = ({ exit }: Refusal): string => (exit === undefined ? '' : ` (status ${exit})`)

/** The shell of the login user. */
export const asLoginUser = (host: string, user: string, ready: string): Start => ({
  command: loopCommand(ready),
  refused: (refusal) => reachError('session-refused', `${host} started no shell for ${user}${withStatus(refusal)}`,
    { hint: 'the login shell of this user must run commands', output: outputOf(refusal) }),
})

const wrongPassword = (host: string, { method, user }: Become, output?: string): ProvisionError =>
  reachError('wrong-become-password', `${host}: ${method} does not accept the password for ${user}`, {
    hint: 'correct the become password in the vault; it was tried once only, so that no account is locked',
    ...(output === undefined ? {} : { output }),
  })

const noPassword = (host: string, { method, user }: Become, output?: string): ProvisionError =>
  reachError('no-become-password', `${host}: ${method} asks for a password to become ${user}, and none is known`, {
    hint: 'put the become password into the vault, or allow it without one (NOPASSWD)',
    ...(output === undefined ? {} : { output }),
  })

/** Gives the password when it is asked for, once: a second attempt may lock the account. */
const converse = (host: string, become: Become, timesAsked: (stderr: string) => number) => {
  let given = false
  return {
    wasGiven: () => given,
    answer: (stderr: string): Text | undefined => {
      const times = timesAsked(stderr)
      if (times === 0 || (given && times === 1)) return undefined
      if (given) throw wrongPassword(host, become)
      if (become.password === undefined) throw noPassword(host, become)
      given = true
      return become.password
    },
  }
}

/** What sudo and su say in the C locale; there is no other sign of why they refused. */
const refusals: readonly { readonly says: RegExp; readonly code: string; readonly why: string; readonly hint: string }[] = [
  {
    says: /must have a tty|no tty present/, code: 'become-needs-terminal',
    why: 'sudo insists on a terminal', hint: 'remove `requiretty` for this user from the sudoers of the host',
  },
  {
    says: /not in the sudoers|is not allowed to|may not run sudo/, code: 'become-not-allowed',
    why: 'this user may not', hint: 'allow it in the sudoers of the host',
  },
  {
    says: /unknown user|user .* does not exist|invalid user/, code: noSuchBecomeUser,
    why: 'there is no such user', hint: 'correct the become user',
  },
]

const refusedBecome = (host: string, become: Become, wasGiven: () => boolean) => (refusal: Refusal): ProvisionError => {
  const { method, user } = become
  const output = outputOf(refusal)
  const known = refusals.find(({ says }) => says.test(refusal.stderr))
  if (known !== undefined) return reachError(known.code, `${host}: cannot become ${user} by ${method}: ${known.why}`, { hint: known.hint, output })
  if (refusal.exit === 127) {
    return reachError('become-program-missing', `${host}: there is no ${method} on this host`,
      { hint: `install ${method}, log in as ${user}, or use the other become method`, output })
  }
  if (/a password is required/.test(refusal.stderr)) return noPassword(host, become, output)
  if (wasGiven()) return wrongPassword(host, become, output)
  return reachError('become-failed', `${host}: ${method} started no shell for ${user}${withStatus(refusal)}`,
    { hint: `try \`${method}\` to ${user} by hand on the host`, output })
}

const bySudo = (host: string, become: Become, ready: string): Start => {
  const prompt = `${ready}?`
  const { answer, wasGiven } = converse(host, become, (stderr) => stderr.split(prompt).length - 1)
  const how = become.password === undefined ? '-n' : `-S -p ${quote(prompt)}`
  return {
    command: `env LC_ALL=C sudo ${how} -H -u ${quote(become.user)} -- ${loopCommand(ready)}`,
    ...(become.password === undefined ? {} : { answer }),
    refused: refusedBecome(host, become, wasGiven),
  }
}

const bySu = (host: string, become: Become, ready: string): Start => {
  // su lets nobody choose the prompt: it is the unfinished line that ends in a colon.
  const { answer, wasGiven } = converse(host, become, (stderr) => (/(^|\n)[^\n]*: ?$/.test(stderr) ? 1 : 0))
  return {
    command: `env LC_ALL=C su -s /bin/sh ${quote(become.user)} -c '${shellLoop(ready)}'`,
    answer,
    refused: refusedBecome(host, become, wasGiven),
  }
}

/** The shell of another user. */
export const asOtherUser = (host: string, become: Become, ready: string): Start => {
  switch (become.method) {
    case 'sudo': return bySudo(host, become, ready)
    case 'su': return bySu(host, become, ready)
    default: return become.method satisfies never
  }
}
