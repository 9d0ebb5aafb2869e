import { isDeepStrictEqual } from 'node:util'
import { ProvisionError } from '../core/errors.js'
import { concat, reveal, type Text } from '../core/secret.js'
import { endOf, newLine } from './line-place.js'
import { malformed, wentWrong } from './malformed.js'
import { spliced, type Splice } from './splice.js'

/** What shall be so of a key in a section, or before the first one; a key may have no value. */
export interface IniEdit {
  readonly section?: string | undefined
  readonly key?: string | undefined
  readonly value?: Text | undefined
  readonly state: 'present' | 'absent'
  /** The key may stand several times, and the edit is about the one with this value. */
  readonly repeated: boolean
}

interface Line { readonly from: number; readonly to: number; readonly section: string | undefined }
interface Pair extends Line { readonly key: string; readonly value: string | undefined; readonly separator: string; readonly end: number }
interface Source { readonly text: string; readonly headers: readonly Line[]; readonly pairs: readonly Pair[] }

/** A text with keys set or removed, each proved by reading the outcome again; the same text when all is as it shall be. */
export const editIni = (before: Text, edits: readonly IniEdit[], file: string): Text => edits.reduce<Text>((text, edit) => {
  const source = sourceOf(reveal(text), file)
  const splices = edit.state === 'absent' ? remove(source, edit) : present(source, edit, file)
  if (splices.length === 0) return text
  const edited = spliced(text, splices)
  if (!isDeepStrictEqual(bySection(sourceOf(reveal(edited), file)), wanted(source, edit))) throw wentWrong(file, `the edit of ${edit.key ?? `[${edit.section ?? ''}]`}`)
  return edited
}, before)

/** A line is a header, a comment, or a key: what stands behind = or : is its value to the end of the line. */
const sourceOf = (text: string, file: string): Source => {
  const headers: Line[] = []
  const pairs: Pair[] = []
  let section: string | undefined
  let from = 0
  for (const [index, line] of text.split(/(?<=\n)/).entries()) {
    const to = from + line.length
    const said = (from === 0 ? line.replace('\uFEFF', ' ') : line).trimEnd()
    if (/^\s*\[/.test(said)) {
      section = /^\s*\[([^\]]+)\]\s*(?:[#;].*)?$/.exec(said)?.[1]?.trim()
      if (section === undefined) throw malformed(file, 'INI', { line: index + 1, column: said.indexOf('[') + 1 }, 'a header is [name]')
      headers.push({ from, to, section })
    } else if (!/^\s*(?:[#;]|$)/.test(said)) {
      const [, key = '', separator = '', value = ''] = /^\s*([^=:]*?)(\s*[=:]\s*|$)(.*)$/.exec(said) ?? []
      if (key === '') throw malformed(file, 'INI', { line: index + 1, column: 1 }, 'a key is missing')
      pairs.push({ from, to, section, key, separator, value: separator === '' ? undefined : value, end: from + said.length })
    }
    from = to
  }
  return { text, headers, pairs }
}

type Entries = ReadonlyMap<string | undefined, readonly (readonly [key: string, value: string | undefined])[]>

const bySection = ({ headers, pairs }: Source): Entries =>
  new Map([undefined, ...headers.map(({ section }) => section)].map((section) => [section, pairs.filter((pair) => pair.section === section).map(({ key, value }) => [key, value])]))

const wanted = (source: Source, { section, key, value, state, repeated }: IniEdit): Entries => {
  const entries = new Map(bySection(source))
  const here = entries.get(section) ?? []
  if (key === undefined) {
    if (state === 'absent') entries.delete(section)
    else entries.set(section, here)
    return entries
  }
  const pair = [key, value === undefined ? undefined : reveal(value)] as const
  const isMeant = ([name, old]: readonly [string, string | undefined]): boolean => name === key && (!repeated || old === pair[1])
  if (state === 'absent') return entries.set(section, here.filter((one) => !isMeant(one)))
  if (here.some(isMeant)) return entries.set(section, here.map((one) => (isMeant(one) ? pair : one)))
  const at = here.findLastIndex(([name]) => name === key) + 1 || here.length
  return entries.set(section, [...here.slice(0, at), pair, ...here.slice(at)])
}

const present = (source: Source, { section, key, value, repeated }: IniEdit, file: string): readonly Splice[] => {
  const { text, headers, pairs } = source
  const header = headers.findLast((line) => line.section === section)
  const inSection = pairs.filter((pair) => pair.section === section)
  if (key === undefined) return header === undefined && section !== undefined ? [newSection(text, section)] : []
  const plain = value === undefined ? undefined : reveal(value)
  const found = inSection.filter((pair) => pair.key === key)
  if (found.some((pair) => pair.value === plain) && (repeated || found.length === 1)) return []
  const [pair, another] = found
  if (pair === undefined || repeated) {
    const separator = (found[0] ?? inSection.find((one) => one.separator !== '') ?? pairs.find((one) => one.separator !== ''))?.separator ?? ' = '
    const line = value === undefined ? key : concat([key, separator.trim() === '' ? '=' : separator, value])
    if (header === undefined && section !== undefined) return [newSection(text, section, line)]
    const last = found.at(-1) ?? inSection.at(-1) ?? header
    const indent = /^[ \t]*/.exec(text.slice((inSection.at(-1) ?? header)?.from ?? 0))?.[0] ?? ''
    return [newLine(text, concat([indent, line]), last?.to ?? (text.startsWith('\uFEFF') ? 1 : 0))]
  }
  if (another !== undefined) throw new ProvisionError('several-matches', `${key} stands ${found.length} times in ${file}`, { hint: 'write `repeated: true` to have this value beside others, or take the others away' })
  if (pair.value?.endsWith('\\') === true) throw new ProvisionError('continued-value', `the value of ${key} in ${file} goes on in the next line`, { hint: 'write it in one line by hand, or use `text-block`' })
  if (value === undefined) return [{ from: pair.end - (pair.value ?? '').length - pair.separator.length, to: pair.end, text: '' }]
  return [{ from: pair.end - (pair.value ?? '').length, to: pair.end, text: concat([pair.separator === '' ? ' = ' : '', value]) }]
}

/** A section at the end, set off by an empty line. */
const newSection = (text: string, section: string, line?: Text): Splice => {
  const end = endOf(text)
  const gap = text === '' || /(^|\n)\r?\n$/.test(text) ? '' : text.endsWith('\n') ? end : `${end}${end}`
  return { from: text.length, to: text.length, text: concat([gap, `[${section}]`, end, ...(line === undefined ? [] : [line, end])]) }
}

const remove = ({ text, headers, pairs }: Source, { section, key, value, repeated }: IniEdit): readonly Splice[] => {
  if (key !== undefined) {
    return pairs.filter((pair) => pair.section === section && pair.key === key && (!repeated || pair.value === (value === undefined ? undefined : reveal(value)))).map(({ from, to }) => ({ from, to, text: '' }))
  }
  return headers.flatMap((header, index) => (header.section === section ? [{ from: header.from, to: headers[index + 1]?.from ?? text.length, text: '' }] : []))
}
