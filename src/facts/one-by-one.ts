import { oneLineEach, type FactKind } from '../core/fact.js'
import { script, sh, type Script } from '../core/shell.js'

/** What one script said: its exit status tells absent from failed; standard error is kept when it is not 0. */
export interface Answer { readonly stdout: string; readonly stderr: string; readonly exit: number }

interface OneByOne<T, S> extends Pick<FactKind<T, S>, 'name' | 'summary' | 'path' | 'beyond' | 'fromTree'> {
  /** A read-only script for one subject; runs in a subshell without input. */
  script(subject: S): Script
  parse(subject: S, answer: Answer): T
}

/** A kind whose subjects are asked one after the other, for questions that are few; any output is safe, as each answer travels in base64. */
export const oneByOne = <T, S = string>(kind: OneByOne<T, S>): FactKind<T, S> => ({
  ...kind,
  ...oneLineEach,
  // both redirections stand at the subshell itself: dash forgets one that stands at a group around it
  script: (subjects) => script(...subjects.map((subject) => sh`{ e=$( ( ${kind.script(subject)}
) </dev/null 2>&1 >&3 ); s=$?; [ "$s" != 0 ] || e=; printf '\\000%d\\000%s' "$s" "$e"; } 3>&1 | base64 | tr -d '\\n'; echo`)),
  parse: (subject, reply) => kind.parse(subject, answerOf(reply)),
})

/** The answer inside a reply; also what a fixture of captured output is turned into. */
export const answerOf = (reply: string): Answer => {
  const text = Buffer.from(reply, 'base64').toString('utf8')
  const end = text.lastIndexOf('\0')
  const start = text.lastIndexOf('\0', end - 1)
  return { stdout: text.slice(0, start), exit: Number(text.slice(start + 1, end)), stderr: text.slice(end + 1) }
}
