import { exitCode, type failureOf, ProvisionError } from '../core/errors.js'
import { maskedValue } from '../core/mask.js'
import type { HostFact } from '../core/fact.js'
import { Secret } from '../core/secret.js'
import { suggestion } from '../core/suggest.js'
import { exitOfAll } from '../engine/at-once.js'
import { gather } from '../engine/gather.js'
import { parsed, type Reading } from '../engine/snapshot.js'
import { askable, basicFacts } from '../facts/askable.js'
import { factKinds } from '../facts/index.js'
import { answerText } from '../report/answer-text.js'
import { failedText, lostText } from '../report/host-lines.js'
import { maskedFailure } from '../report/masked.js'
import { documentOf, reaching, type ReachFlags } from './reaching.js'
import { terminalOf } from './terminal.js'

/** `provision facts`: what hosts answer, asked in one round trip each. */
export const factsCommand = async (words: readonly string[], flags: ReachFlags): Promise<number> => {
  const asked = words.filter(isFact).map(factOf)
  const patterns = words.filter((word) => !isFact(word))
  if (patterns.length === 0) throw new ProvisionError('no-host', 'which hosts shall be asked?', { exit: exitCode.input, hint: `name hosts or groups too: provision facts all -i ${flags.inventory} ${words[0] ?? ''}` })
  const facts = asked.length === 0 ? basicFacts : asked
  return reaching(patterns.join(','), flags, async ({ known, becomeOf, each }) => {
    const { out, err, outStyle: style } = terminalOf(flags)
    const reached = await each(async (transport) => {
      const replies = await gather(await transport.session(becomeOf(transport.host)), facts)
      return facts.map((fact): readonly [string, Answer] => [fact.key, answerOf(fact, replies.get(fact.key), known.mask)])
    })
    if (flags.json === true) {
      out.write(`${JSON.stringify(documentOf(reached, (answers) => ({ facts: Object.fromEntries(answers.map(([key, answer]) => [key, 'known' in answer ? { value: answer.known } : { error: answer.failure }])) })), undefined, 2)}\n`)
    } else {
      out.write(`${[...reached].map(([host, one]) => ('lost' in one ? lostText(host, one.lost, host.length, style) : 'failure' in one ? failedText(host, one.failure, host.length, style)
        : [style.bold(host), ...one.answer.flatMap(([key, answer]) => answerText(key, answer, style))].join('\n'))).join('\n\n')}\n`)
      if (asked.length === 0) err.write(`\nMore can be asked: ${[...askable.values()].map(({ example }) => example).join(', ')}\n`)
    }
    return exitOfAll(reached.values(), (answers) => answers.some(([, answer]) => 'failure' in answer))
  })
}

type Answer = Extract<Reading, { readonly known: unknown } | { readonly failure: unknown }>

/** The value as people may see it: known secrets are dots, and so is what only its owner may read. */
const answerOf = (fact: HostFact, reply: { readonly reply: string } | { readonly failure: ReturnType<typeof failureOf> } | undefined, mask: (text: string) => string): Answer => {
  if (reply === undefined) return { failure: { code: 'fact-failed', message: 'the host did not answer' } }
  if ('failure' in reply) return { failure: maskedFailure(reply.failure, mask) }
  const reading = parsed(fact, reply.reply)
  if (reading === 'never-asked' || 'unknown' in reading) throw new RangeError(`${fact.key} was read and is not known`)
  return 'failure' in reading ? { failure: maskedFailure(reading.failure, mask) } : { known: maskedValue(closed(reading.known), mask) }
}

const hidden = new Secret('')

/** Content that the host lets only its owner and group read may hold secrets that nobody here knows. */
const closed = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || !('mode' in value) || !('content' in value)) return value
  const { mode, content } = value
  const isOpen = typeof mode === 'string' && (Number.parseInt(mode, 8) & 0o004) !== 0
  return isOpen || typeof content !== 'string' ? value : { ...value, content: hidden, ...('sha256' in value ? { sha256: hidden } : {}) }
}

const kindOf = (word: string): string => word.slice(0, Math.max(0, word.indexOf(':')))
const isFact = (word: string): boolean => factKinds.has(kindOf(word)) || (/^[a-z-]+:\//.test(word) && kindOf(word) !== '')

const factOf = (word: string): HostFact => {
  const kind = kindOf(word)
  const subject = word.slice(kind.length + 1)
  const entry = askable.get(kind)
  if (entry === undefined) {
    const known = [...askable.keys()]
    throw new ProvisionError('unknown-fact', factKinds.has(kind) ? `${kind} cannot be asked for in a word: steps ask for it` : `there is no kind of fact "${kind}"`, { exit: exitCode.input, hint: suggestion(kind, known, 'can be asked') })
  }
  if (!entry.subject.test(subject)) throw new ProvisionError('wrong-fact', `"${subject}" is no subject of ${kind}`, { exit: exitCode.input, hint: `write it as in ${entry.example}` })
  return entry.of(subject)
}
