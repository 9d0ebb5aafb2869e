import { byExit, type Change } from '../core/change.js'
import { sha256 } from '../core/digest.js'
import type { HostFact } from '../core/fact.js'
import { tellOwn } from '../core/grant.js'
import { Secret } from '../core/secret.js'
import { Script, script, sh } from '../core/shell.js'
import { questions, type Asking, type Replies } from './gather.js'
import { ledger } from './keep.js'
import type { Inline } from './perform.js'
import { inlineScript } from './perform.js'
import { guardTogether, readTogether, type Span } from './together.js'

/** One changed step inside a frame. */
export interface FrameStep {
  /** Facts and the raw replies that the decision rests on; predicted ones stand behind the confirmation that made them. */
  readonly guards: readonly (readonly [fact: HostFact, reply: string])[]
  /** Handlers owed once the first change is made, written on the host before it. */
  readonly owes: readonly string[]
  readonly changes: readonly { readonly change: Change; readonly actions: readonly Inline[] }[]
  /** Facts asked again at this place, before a later step of the frame alters them; `undefined`: nothing comes later. */
  readonly verifyHere: readonly HostFact[] | undefined
}

/** How far a step of a frame came. */
export type FrameResult =
  | { readonly status: 'done'; readonly replies: Replies | undefined }
  | { readonly status: 'moved' }
  | { readonly status: 'failed'; readonly exit: number; readonly unconfirmed: boolean }
  | { readonly status: 'not-reached' }

export interface FrameOutcome {
  readonly results: readonly (FrameResult & { readonly stdout: string; readonly stderr: string })[]
  /** Facts as the host answered them at the end. */
  readonly replies: Replies
  /** Who holds the host's lock, if it is not us: nothing was done then. */
  readonly lockedBy: string | undefined
  /** Who has the lock that was this run's, or nobody (''): nothing was done then. */
  readonly lostTo: string | undefined
}

/** What a frame holds beside its steps. */
export interface Around { readonly lock: Script | undefined; /** Gives the lock back at the end, where nothing comes behind this frame. */ readonly unlock?: Script | undefined; readonly keep: string | undefined; /** A word that no script can guess. */ readonly token: string }

/** A program that makes changes in order and stops at the first that cannot be made as decided. */
export const composeFrame = (steps: readonly FrameStep[], atEnd: readonly HostFact[], { lock, unlock, keep, token }: Around): { program: Script; read(stdout: string, stderr: string): FrameOutcome } => {
  const { ask, definitions } = askedByName()
  const ends = questions(atEnd, `${token}-end`, ask)
  const readings = readTogether(steps).map((span) => readingOf(span, steps, atEnd, token, ask))
  // each step is read and forgotten before the next: a shell that holds all of a long frame is slow at starting every program
  const held = heldTogether(steps, ask)
  const parts = readings.flatMap(({ span, program: reading }) => [
    reading !== undefined && sh`before=$stopped`,
    ...span.map(({ step, index }) => script(held.get(index), sh`step() {`, ...stepScript(step, index, held.has(index), keep, ask), sh`}
[ -n "$stopped" ] || step`)),
    reading,
  ])
  const program = script(
    sh`m() { printf '\\n%s %s\\n' ${token} "$*"; printf '\\n%s %s\\n' ${token} "$*" >&2; }`,
    // said by what takes long, to find out whether somebody is still there
    steps.some(({ changes }) => changes.some(({ change }) => change.live === true)) && sh`beat() { printf '\\n%s %s\\n' ${token} ${BEAT} >&2; }`,
    lock,
    putting(steps) > 2 ? tellOwn : sh`own=`,
    sh`stop() { stopped=1; m "$@"; }; stopped=`,
    ...definitions(),
    ...parts,
    sh`m end 0`,
    ends.program,
    unlock,
  )
  return {
    program,
    read(stdout, stderr) {
      const out = sections(stdout, token)
      const err = sections(stderr, token)
      const replies = new Map(readings.flatMap(({ span, read }) => {
        const answers = read(out, stderr)
        return span.map(({ index }) => [index, answers] as const)
      }))
      return {
        results: steps.map((_step, index) => ({
          ...resultOf(out, index, replies.get(index)),
          stdout: out.get(`step ${index}`) ?? '',
          stderr: err.get(`step ${index}`) ?? '',
        })),
        replies: ends.read(stdout, stderr),
        lockedBy: out.get('locked 0')?.trim(),
        lostTo: out.get('lost 0')?.trim(),
      }
    },
  }
}

/** How many steps put files. */
const putting = (steps: readonly FrameStep[]): number => steps.filter(({ changes }) => changes.some(({ actions }) => actions.some(({ action }) => action.do === 'put'))).length

/** What is asked behind a span of steps, also where one of them stopped the frame. */
interface Reading { readonly span: Span; readonly program: Script | undefined; readonly read: (out: ReadonlyMap<string, string>, stderr: string) => Replies | undefined }

const readingOf = (span: Span, steps: readonly FrameStep[], atEnd: readonly HostFact[], token: string, ask: Asking): Reading => {
  const [{ index: first }] = span
  const facts = span.flatMap(({ step }) => step.verifyHere ?? [])
  // the last ones are read at the end of the frame
  const isAsked = span.at(-1)?.index === steps.length - 1 && facts.every(({ key }) => atEnd.some((other) => other.key === key))
  if (isAsked || facts.length === 0) return { span, program: undefined, read: () => undefined }
  const { program, read } = questions(facts, `${token}-${first}`, ask)
  return {
    span,
    program: sh`[ -n "$before" ] || { m read ${first}
${program}
}`,
    read: (out, stderr) => read(out.get(`read ${first}`) ?? '', stderr),
  }
}

/** What holds the guards of several steps before the first of them, by the places of the steps: if one does not hold, each is asked at its own. */
const heldTogether = (steps: readonly FrameStep[], ask: Asking): ReadonlyMap<number, Script | undefined> => new Map(guardTogether(steps).flatMap((span) => {
  const guarded = span.filter(({ step }) => step.guards.some(([{ kind }]) => kind.constant !== true))
  const [first, ...rest] = guarded
  if (first === undefined || rest.length === 0) return []
  const tests = guardTests([...new Map(guarded.flatMap(({ step }) => step.guards.map((guard) => [guard[0].key, guard]))).values()], ask)
  return [[first.index, sh`held=; [ -n "$stopped" ] || { ${script(...tests.map((test) => sh`${test} &&`))} held=1; }`], ...rest.map(({ index }): [number, undefined] => [index, undefined])]
}))

const stepScript = (step: FrameStep, index: number, isHeld: boolean, keep: string | undefined, ask: Asking): Script[] => [
  ...guardTests(step.guards, ask).map((test) => sh`${isHeld ? sh`[ -n "$held" ] || ` : sh``}${test} || { stop moved ${index} 0; return; }`),
  sh`m step ${index}`,
  ...(step.owes.length === 0 ? [] : [sh`{ ${ledger(keep)}; mkdir -p -m 700 -- "$l/owed" && for h in ${step.owes}; do : > "$l/owed/$h"; done; } || { stop failed ${index} $?; return; }`]),
  ...step.changes.flatMap(({ change, actions }) => [
    ...actions.map((action) => sh`{ ${inlineScript(action)}
} </dev/null || { stop failed ${index} $?; return; }`),
    ...(change.confirm === undefined || change.confirm === byExit ? [] : [sh`( ${new Script(change.confirm)}
) </dev/null || { stop unconfirmed ${index} $?; return; }`]),
  ]),
  sh`m done ${index}`,
]

/** Tests that hold while the host answers as it did, one a kind. */
const guardTests = (guards: FrameStep['guards'], ask: Asking): Script[] => {
  const kinds = new Map<string, [HostFact, string][]>()
  for (const [fact, reply] of guards) kinds.set(fact.kind.name, [...(kinds.get(fact.kind.name) ?? []), [fact, reply]])
  return [...kinds.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined || first[0].kind.constant === true) return []
    const { kind } = first[0]
    const subjects = group.map(([fact]) => fact.subject as unknown)
    const expected = kind.join(group.map(([, reply]) => reply), subjects)
    return [stillSays(ask(kind, subjects), expected)]
  })
}

/** Asks kinds by the names of functions, which stand once in a program. */
const askedByName = (): { readonly ask: Asking; definitions(): readonly Script[] } => {
  const names = new Map<Script, Script>()
  return {
    ask(kind, subjects) {
      if (kind.asks === undefined) return kind.script(subjects)
      const name = names.get(kind.asks) ?? sh`ask${names.size}`
      names.set(kind.asks, name)
      return sh`${name} ${subjects.map(String)}`
    },
    definitions: () => [...names].map(([asks, name]) => sh`${name}() {
${asks}
}`),
  }
}

/** Up to this many characters an answer is compared as it is: a digest starts three processes more. */
const LITERAL = 2048

/** A test that a script prints what it printed before, to the last line end; a mark behind it shows that it came to its end. */
const stillSays = (asked: Script, expected: string): Script => (expected.length <= LITERAL && !expected.includes('\0')
  ? sh`[ "$(exec </dev/null
${asked}
echo .)" = ${new Secret(`${expected}.`)} ]`
  : sh`[ "$( { ( ${asked}
) </dev/null; } | sha256sum)" = ${`${sha256(expected)}  -`} ]`)

const BEAT = 'beat'

/** Whether a line is a sign of life, which says nothing. */
export const isBeat = (line: string, token: string): boolean => line === `${token} ${BEAT}`

/** What was said between one mark and the next, by mark: `step 0`, `done 0`. */
const sections = (text: string, token: string): ReadonlyMap<string, string> => {
  const parts = text.replaceAll(`\n${token} ${BEAT}\n`, '').split(`\n${token} `)
  return new Map(parts.slice(1).map((part) => {
    const end = part.indexOf('\n')
    return [end < 0 ? part : part.slice(0, end), end < 0 ? '' : part.slice(end + 1)]
  }))
}

const resultOf = (marks: ReadonlyMap<string, string>, index: number, replies: Replies | undefined): FrameResult => {
  if (marks.has(`done ${index}`)) return { status: 'done', replies }
  if (marks.has(`moved ${index} 0`)) return { status: 'moved' }
  for (const mark of marks.keys()) {
    const [word, at, exit] = mark.split(' ')
    if (Number(at) === index && (word === 'failed' || word === 'unconfirmed')) return { status: 'failed', exit: Number(exit), unconfirmed: word === 'unconfirmed' }
  }
  return { status: 'not-reached' }
}

