import { exitCode, ProvisionError } from '../core/errors.js'
import type { Become, Transport } from '../core/transport.js'
import { exitOfAll } from '../engine/at-once.js'
import { askLock, takeAway } from '../engine/lock.js'
import { failedText, lostText } from '../report/host-lines.js'
import { askYes } from './prompt.js'
import { documentOf, reaching, type ReachFlags } from './reaching.js'
import { terminalOf } from './terminal.js'

export interface UnlockFlags extends ReachFlags { readonly yes?: boolean }

/** A lock as its host tells it; seconds since it was taken, and since its run gave a sign of life. */
interface Lock { readonly user: string; readonly owner: string; readonly seconds: number; readonly silent: number; readonly shell: 'gone' | 'busy' | 'idle'; readonly taken: boolean }

/** `provision unlock`: says whose locks there are, and takes them away. A run that is still there changes nothing more. */
export const unlock = async (pattern: string, flags: UnlockFlags): Promise<number> => reaching(pattern, flags, async ({ known, each }) => {
  const { out, err, style } = terminalOf(flags)
  const rootOn = (host: string): Become | undefined => known.becomeOf(host, { user: undefined }, known.scopeOf(host))
  const users = async (transport: Transport): Promise<readonly (Become | undefined)[]> => ((await transport.session()).user === 'root' ? [undefined] : [undefined, rootOn(transport.host)])
  const found = await each(async (transport) => {
    const locks: Lock[] = []
    for (const become of await users(transport)) {
      const session = await transport.session(become)
      const { stdout, stderr, exit } = await session.exec(askLock({}).text)
      if (exit !== 0) throw new ProvisionError('lock-unreadable', `the lock of ${session.user} cannot be read`, { output: stderr })
      const [owner, seconds, silent, shell] = stdout.trim().split('\n')
      if (owner !== undefined && owner !== '') locks.push({ user: session.user, owner, seconds: Number(seconds), silent: Number(silent), shell: shell === 'busy' || shell === 'idle' ? shell : 'gone', taken: false })
    }
    return locks
  })
  const width = Math.max(...known.hosts.map(({ name }) => name.length))
  const lines = [...found].flatMap(([host, one]) => ('lost' in one ? [lostText(host, one.lost, width, style)] : 'failure' in one ? [failedText(host, one.failure, width, style)]
    : one.answer.length === 0 ? [`${host.padEnd(width)}  ${style.dim('no lock')}`] : one.answer.map((lock) => `${host.padEnd(width)}  locked by ${known.mask(aboutLock(lock))}`)))
  if (flags.json !== true) err.write(`${lines.join('\n')}\n`)
  const held = new Map([...found].flatMap(([host, one]) => ('answer' in one && one.answer.length > 0 ? [[host, one.answer] as const] : [])))
  let result = found
  if (held.size > 0) {
    if (flags.yes !== true) {
      if (!process.stdin.isTTY) throw new ProvisionError('not-confirmed', 'taking locks away must be confirmed, and there is no terminal to ask at', { exit: exitCode.input, hint: 'say --yes' })
      if (!(await askYes('Take these locks away? Their runs, if they are still there, change nothing more.'))) return exitCode.done
    }
    const taken = await each(async (transport) => {
      const locks: Lock[] = []
      for (const lock of held.get(transport.host) ?? []) {
        const session = await transport.session((await transport.session()).user === lock.user ? undefined : rootOn(transport.host))
        const { exit, stderr } = await session.exec(takeAway({ owner: lock.owner }).text)
        if (exit !== 0 && stderr !== '') throw new ProvisionError('lock-not-taken', `the lock of ${lock.owner} cannot be taken away`, { output: stderr })
        locks.push({ ...lock, taken: exit === 0 })
      }
      return locks
    })
    result = new Map([...found].map(([host, one]) => [host, held.has(host) ? taken.get(host) ?? one : one]))
    if (flags.json !== true) for (const [host, one] of taken) if ('answer' in one) for (const { owner, taken: done } of one.answer) err.write(`${host.padEnd(width)}  ${done ? `taken away from ${known.mask(owner)}` : style.yellow('it is another one\'s by now: look again')}\n`)
  }
  if (flags.json === true) out.write(`${JSON.stringify(documentOf(result, (locks) => ({ locks: locks.map(({ user, owner, seconds, silent, shell, taken }) => ({ user, owner: known.mask(owner), seconds, silent_seconds: silent, shell, taken })) })), undefined, 2)}\n`)
  return exitOfAll(result.values(), (locks) => locks.some(({ taken }) => !taken))
})

const aboutLock = ({ owner, seconds, silent, shell }: Lock): string =>
  `${owner}\n  for ${seconds} s; ${{ gone: 'its shell is gone, so that any run may have it', busy: 'its shell is at work', idle: `its shell has nothing to do, and its run gave a sign of life ${silent} s ago` }[shell]}`
