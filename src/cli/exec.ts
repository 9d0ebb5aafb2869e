import { exitCode, ProvisionError } from '../core/errors.js'
import { type Script, sh } from '../core/shell.js'
import { exitOfAll } from '../engine/at-once.js'
import { failedText, hostLines, lostText } from '../report/host-lines.js'
import { seconds } from '../report/words.js'
import { documentOf, reaching, type ReachFlags } from './reaching.js'
import { terminalOf } from './terminal.js'

export interface ExecFlags extends ReachFlags { readonly shell?: string; readonly timeout?: number }

/** What a command came to on one host. */
interface Ended { readonly exit: number; readonly stdout: string; readonly stderr: string; readonly ms: number }

/** `provision exec`: one command on many hosts at once; their output is seen as it comes. */
export const execCommand = async (pattern: string, words: readonly string[], flags: ExecFlags): Promise<number> => {
  const command = commandOf(words, flags.shell)
  return reaching(pattern, flags, async ({ known, signal, becomeOf, each }) => {
    const { out, err, style } = terminalOf(flags)
    const names = known.hosts.map(({ name }) => name)
    const width = Math.max(...names.map((name) => name.length))
    const lines = flags.json === true ? undefined : hostLines(names, { style, mask: known.mask, out: (text) => { out.write(text) }, err: (text) => { err.write(text) } })
    const reached = await each(async (transport): Promise<Ended> => {
      const started = performance.now()
      const session = await transport.session(becomeOf(transport.host))
      try {
        const output = await session.exec(command.text, {
          signal, onOutput: (text, stream) => { lines?.say(transport.host, text, stream) },
          ...(flags.timeout === undefined ? {} : { timeout: flags.timeout * 1000 }),
        })
        return { ...output, ms: performance.now() - started }
      } finally {
        lines?.end(transport.host)
      }
    })
    if (flags.json === true) {
      const document = documentOf(reached, ({ exit, stdout, stderr, ms }: Ended) => ({ exit, stdout: known.mask(stdout), stderr: known.mask(stderr), duration_ms: Math.round(ms) }))
      out.write(`${JSON.stringify(document, undefined, 2)}\n`)
    } else {
      err.write(`\n${[...reached].map(([host, one]) => ('lost' in one ? lostText(host, one.lost, width, style) : 'failure' in one ? failedText(host, one.failure, width, style)
        : `${host.padEnd(width)}  ${one.answer.exit === 0 ? style.green('exit 0') : style.red(`exit ${one.answer.exit}`)}  ${style.dim(seconds(one.answer.ms))}`)).join('\n')}\n`)
    }
    return exitOfAll(reached.values(), ({ exit }) => exit !== 0)
  })
}

/** Words are words, whatever they hold; shell text is what it is. */
const commandOf = (words: readonly string[], shell: string | undefined): Script => {
  if (words.length > 0 && shell !== undefined) throw new ProvisionError('two-commands', 'a command is given, and --shell too', { exit: exitCode.input, hint: 'give one of them' })
  if (shell !== undefined) return sh`eval ${shell}`
  if (words.length === 0) throw new ProvisionError('no-command', 'what shall the hosts run?', { exit: exitCode.input, hint: "write it after --, such as `-- uptime`, or give --shell 'df -h | tail -1'" })
  return sh`${words}`
}
