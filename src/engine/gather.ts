import type { Failure } from '../core/errors.js'
import type { HostFact } from '../core/fact.js'
import { script, sh, type Script } from '../core/shell.js'
import type { Session } from '../core/transport.js'
import { isDeepStrictEqual } from 'node:util'
import { ProvisionError } from '../core/errors.js'

/** A host's raw reply to one fact, or why there is none. */
export type Reply = { readonly reply: string } | { readonly failure: Failure }
export type Replies = ReadonlyMap<string, Reply>

/** A read-only program that asks many facts at once: equal keys once, one script a kind. */
export interface Questions { readonly program: Script; read(stdout: string, stderr: string): Replies }

/** How a kind is asked; a frame that asks many times defines its kinds first. */
export type Asking = (kind: HostFact['kind'], subjects: readonly HostFact['subject'][]) => Script

export const questions = (facts: readonly HostFact[], token: string, ask: Asking = (kind, subjects) => kind.script(subjects)): Questions => {
  const kinds = [...grouped(facts).values()]
  return {
    program: script(...kinds.map((group, index) => sh`printf '\\n%s %s\\n' ${token} ${index}
( ${ask(group[0].kind, group.map(({ subject }) => subject))}
) </dev/null
printf '\\n%s end %d\\n' ${token} $?`)),
    read: (stdout, stderr) => new Map(kinds.flatMap((group, index) => [...repliesOf(group, between(stdout, token, index), stderr)])),
  }
}

/** Asks in one frame. */
export const gather = async (session: Session, facts: readonly HostFact[]): Promise<Replies> => {
  if (facts.length === 0) return new Map()
  const { program, read } = questions(facts, crypto.randomUUID())
  const { stdout, stderr } = await session.exec(program.text)
  return read(stdout, stderr)
}

const grouped = (facts: readonly HostFact[]): Map<string, [HostFact, ...HostFact[]]> => {
  const groups = new Map<string, [HostFact, ...HostFact[]]>()
  const seen = new Map<string, HostFact>()
  for (const fact of facts) {
    const same = seen.get(fact.key)
    if (same !== undefined) {
      if (!isDeepStrictEqual(same.subject, fact.subject)) {
        throw new ProvisionError('two-questions', `two steps ask ${fact.key} in different ways, such as with different passwords`, { hint: 'give both the same arguments' })
      }
      continue
    }
    seen.set(fact.key, fact)
    const group = groups.get(fact.kind.name)
    if (group === undefined) groups.set(fact.kind.name, [fact])
    else group.push(fact)
  }
  return groups
}

const between = (stdout: string, token: string, index: number): { output: string; exit: number } | undefined => {
  const head = `\n${token} ${index}\n`
  const start = stdout.indexOf(head)
  const end = start < 0 ? -1 : stdout.indexOf(`\n${token} end `, start)
  if (end < 0) return undefined
  return { output: stdout.slice(start + head.length, end), exit: Number.parseInt(stdout.slice(end + token.length + 6), 10) }
}

const repliesOf = (group: readonly [HostFact, ...HostFact[]], answer: { output: string; exit: number } | undefined, stderr: string): [string, Reply][] => {
  const [{ kind }] = group
  const failed = (message: string): [string, Reply][] => group.map(({ key }) => [key, { failure: { code: 'fact-failed', message, output: stderr.trim() } }])
  if (answer === undefined) return failed(`the host did not say what it knows of ${kind.name}`)
  if (answer.exit !== 0) return failed(`asking for ${kind.name} failed with exit ${answer.exit}`)
  try {
    const replies = kind.split(answer.output, group.map(({ subject }) => subject))
    return group.map(({ key }, index) => [key, { reply: replies[index] ?? '' }])
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return failed(`the host's answer about ${kind.name} is not complete: ${error.message}`)
  }
}
