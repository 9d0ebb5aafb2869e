import type { Argument } from './arguments.js'
import { firstSentence, formatManual, guideManual, manualOf, operationManual, signatureOf, type Operation, type OperationWord, type Page, type Reference } from './manual.js'

const WIDTH = 96

/** A page of the manual as plain text for a terminal. */
export const pageText = ({ title, summary, notes, arguments: rows, examples, examplesFirst = false, rows: meanings = [] }: Page): string => {
  const shown = examples.length === 0 ? [] : ['', examples.length === 1 ? 'Example' : 'Examples', ...examples.map((example) => example.replace(/^(?=.)/gm, '  '))]
  const paragraphs = notes.flatMap((note) => wrapped(note, '  '))
  const told = [...(rows.length === 0 ? [] : ['', 'Arguments', ...rows.flatMap(argumentText)]), ...(meanings.length === 0 ? [] : ['', 'Meaning', ...table(meanings)])]
  return [
    title, ...wrapped(summary, '  '),
    ...(examplesFirst ? [...shown, ...told, ...(notes.length === 0 ? [] : ['', 'Notes', ...paragraphs])] : [...paragraphs, ...told, ...shown]),
  ].join('\n')
}

const argumentText = ({ name, type, required, default: otherwise, description }: Argument): readonly string[] => [
  `  ${name}  (${type}${required ? ', required' : ''}${otherwise === undefined ? '' : `, default ${otherwise}`})`,
  ...wrapped(description, '      '),
]

const wrapped = (text: string, indent: string): readonly string[] => {
  const lines: string[] = []
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const last = lines.at(-1)
    if (last === undefined || indent.length + last.length + word.length >= WIDTH) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines.map((line) => `${indent}${line}`)
}

const table = (rows: readonly (readonly [name: string, summary: string])[]): readonly string[] => {
  const width = Math.min(28, Math.max(...rows.map(([name]) => name.length)))
  return rows.flatMap(([name, summary]) => {
    const [first = '', ...more] = wrapped(summary, ' '.repeat(width + 4))
    return name.length > width ? [`  ${name}`, first, ...more] : [`  ${name.padEnd(width)}  ${first.trimStart()}`, ...more]
  })
}

/** What the manual has, by its names. */
export const manualIndex = ({ modules, formats, guides }: Pick<Reference, 'modules' | 'formats' | 'guides'>): string => [
  'Modules: what a step may be',
  ...table([...modules.values()].map(({ name, summary }) => [name, firstSentence(summary)])),
  '',
  'Guides',
  ...table(guides.map(({ name, summary }) => [name, summary])),
  '',
  'More',
  ...table([...formats.map(({ name, summary }) => [name, summary] as const), ['filters', 'What expressions may use behind | and `is`, and functions.'], ['facts', 'What hosts are asked.']]),
  '',
  '`provision docs NAME` tells more.',
].join('\n')

const operations = (title: string, list: readonly Operation[], word: OperationWord): readonly string[] => [title, ...table(list.map((operation) => [signatureOf(operation, word), operation.summary]))]

const filterIndex = ({ filters, tests, functions }: Reference): string => [
  ...operations('Filters', filters, 'filter'), '', ...operations('Tests', tests, 'test'), '', ...operations('Functions', functions, 'function'), '', '`provision docs NAME` shows an example.',
].join('\n')

/** What the manual says under a name: a module, a format, a filter, or a list; undefined where it says nothing. */
export const topicText = (name: string, reference: Reference): string | undefined => {
  if (name === 'filters') return filterIndex(reference)
  if (name === 'facts') return ['Facts: what hosts are asked', ...table(reference.facts.map(({ name: fact, summary }) => [fact, summary]))].join('\n')
  const module = reference.modules.get(name)
  const format = reference.formats.find((one) => one.name === name)
  const guide = reference.guides.find((one) => one.name === name)
  const named = (list: readonly Operation[], word: OperationWord): readonly Page[] =>
    list.filter((operation) => operation.name === name || operation.aliases?.includes(name) === true).map((operation) => operationManual(operation, word))
  const pages = [
    ...(module === undefined ? [] : [manualOf(module)]), ...(format === undefined ? [] : [formatManual(format)]), ...(guide === undefined ? [] : [guideManual(guide)]),
    ...named(reference.filters, 'filter'), ...named(reference.tests, 'test'), ...named(reference.functions, 'function'),
  ]
  return pages.length === 0 ? undefined : pages.map(pageText).join('\n\n')
}

/** Every name that `topicText` knows. */
export const topics = ({ modules, formats, guides, filters, tests, functions }: Reference): readonly string[] => [
  ...new Set([...modules.keys(), ...formats.map(({ name }) => name), ...guides.map(({ name }) => name), 'filters', 'facts', ...[...filters, ...tests, ...functions].flatMap(({ name, aliases = [] }) => [name, ...aliases])]),
]
