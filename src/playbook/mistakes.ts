import { exitCode, type Place, ProvisionError } from '../core/errors.js'
import type { YamlPath } from '../yaml/document.js'
import { valueAt } from '../yaml/zod-errors.js'
import type { StepSource } from './schema.js'

/** File by file as they were read, and from top to bottom in each; those of a list that is included twice are told once. */
export const inOrder = (all: readonly ProvisionError[]): readonly ProvisionError[] => {
  const mistakes = [...new Map(all.map((mistake) => [`${placeText(mistake)} ${mistake.code} ${mistake.message}`, mistake])).values()]
  const files = [...new Set(mistakes.map(({ at }) => at?.file))]
  return mistakes.toSorted((a, b) => files.indexOf(a.at?.file) - files.indexOf(b.at?.file) || (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0))
}

const placeText = ({ at }: ProvisionError): string => (at === undefined ? '' : `${at.file}:${at.line}:${at.column}`)

/** Keys that are about one step. */
const ofOneStep = ['register', 'until', 'retries', 'delay', 'notify', 'timeout', 'ignore-failure', 'changed-when', 'throttle'] as const
const ofLoops = ['loop', 'loop-var', 'index-var'] as const
const ofPlaces = ['delegate', 'once'] as const

/** Keys of a step that would have no effect beside what it is: a module, `include` or `flush-handlers`. */
export const misplacedKeys = (word: string, source: StepSource, placeOf: (key: string) => Place): readonly ProvisionError[] => {
  const those = (keys: readonly string[], why: string, hint: string): readonly ProvisionError[] =>
    keys.filter((key) => source[key] !== undefined).map((key) => new ProvisionError('misplaced-key', `\`${key}\` ${why}`, { exit: exitCode.input, at: placeOf(key), hint }))
  const ofBlocks = word === 'block' ? [] : those(['rescue', 'always'], 'goes with `block` only', 'put the steps that may fail under `block:`')
  const ofNoLoop = source.loop === undefined ? those(['loop-var', 'index-var'], 'needs `loop`', 'say what to go over') : []
  if (word === 'include') return [...ofBlocks, ...ofNoLoop, ...those([...ofOneStep, ...ofPlaces, 'vars'], 'does not go with `include`', 'put it at the steps of the list')]
  if (word === 'block') return [...ofNoLoop, ...those(['with'], 'goes with `include` only', 'variables stand under `vars:`'), ...those([...ofOneStep, ...ofPlaces], 'does not go with `block`', 'put it at the steps of the block')]
  const given = those(['with'], 'goes with `include` only', `arguments stand under \`${word}:\`, variables under \`vars:\``)
  if (word === 'flush-handlers') return [...given, ...those([...ofOneStep, ...ofLoops, ...ofPlaces, 'vars', 'when', 'become'], 'does not go with `flush-handlers`', 'take it away: handlers run when they are owed')]
  const owed = source.delegate === undefined ? [] : those(['notify'], 'does not go with `delegate`', 'handlers are owed to the host that was changed: notify from a step of a play on that host')
  const both = [...ofBlocks, ...ofNoLoop, ...given, ...owed]
  return source.until !== undefined ? both : [...both, ...those(['retries', 'delay'], 'needs `until`', 'say until when to try again, as an expression on `result`')]
}

/** Tags that a handler says of itself or of its steps: nothing selects it but what notifies it. */
export const tagsOfHandler = (written: unknown, placeOf: (path: YamlPath) => Place): readonly ProvisionError[] => saying('tags', written).map((path) =>
  new ProvisionError('misplaced-key', '`tags` has no effect in a handler', { exit: exitCode.input, at: placeOf(path), hint: 'take it away: a handler runs when a step has notified it, whatever is selected' }))

/** Where a handler or step says something itself, or a step inside of it. */
const saying = (key: string, written: unknown): readonly YamlPath[] => [
  ...(valueAt(written, [key]) === undefined ? [] : [[key]]),
  ...['steps', 'block', 'rescue', 'always'].flatMap((part) => {
    const inside = valueAt(written, [part])
    return Array.isArray(inside) ? inside.flatMap((step: unknown, index) => saying(key, step).map((path) => [part, index, ...path])) : []
  }),
]
