import { createContext, Script } from 'node:vm'
import { templateError } from './origin.js'

/** What one match is: the whole and its groups in their order, and the groups that have a name. */
export interface Match { readonly groups: readonly (string | null)[]; readonly named: Readonly<Record<string, string | null>> }

/** A regular expression of the reader, in Python's way of writing; none works longer than a second on one text. */
export interface Pattern {
  test(text: string): boolean
  first(text: string): Match | undefined
  all(text: string): readonly Match[]
  replace(text: string, replacement: string): string
}

/** How letters and lines count. */
export interface PatternFlags { readonly ignorecase?: boolean; readonly multiline?: boolean }

const LONGEST = 1000

/** Only texts go in and come out: what runs there knows nothing of this program, and the clock can end it. */
const shelf: Record<'source' | 'flags' | 'act' | 'text' | 'replacement', string> = { source: '', flags: '', act: '', text: '', replacement: '' }
let room: object | undefined
const work = new Script(`JSON.stringify((() => {
  const one = (match) => ({ groups: [...match], named: { ...match.groups } })
  switch (act) {
    case 'test': return new RegExp(source, flags).test(text)
    case 'first': { const match = new RegExp(source, flags).exec(text); return match === null ? null : one(match) }
    case 'all': return [...text.matchAll(new RegExp(source, flags + 'g'))].map(one)
    case 'replace': return text.replace(new RegExp(source, flags + 'g'), replacement)
  }
})())`)

/** Whether matching could take very much longer than reading the text: more than one choice for the same characters, or one over a long text. */
const risky = (source: string, text: string): boolean => (source.match(/[*+?{|]|\\[1-9k]/g)?.length ?? 0) > 1 || text.length > 500

const isTimeOut = (error: unknown): boolean => typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'

/** Reads a regular expression; `anchored` puts it into one around it. */
export const patternOf = (written: string, { ignorecase = false, multiline = false }: PatternFlags = {}, anchored: (source: string) => string = (source) => source): Pattern => {
  const { source: bare, inline } = fromPython(written)
  const source = anchored(bare)
  const flags = [...new Set([...inline, ...(ignorecase ? 'i' : ''), ...(multiline ? 'm' : '')])].join('')
  try {
    new RegExp(source, flags)
  } catch (cause) {
    throw templateError('not-a-pattern', 'the text is not a regular expression', {
      hint: 'look for brackets that are not closed, and escape . ( ) [ ] { } + * ? ^ $ | with \\', cause,
    })
  }
  const ask = (act: 'test' | 'first' | 'all' | 'replace', text: string, replacement = ''): unknown => {
    Object.assign(shelf, { source, flags, act, text, replacement })
    room ??= createContext(shelf, { codeGeneration: { strings: false, wasm: false } })
    try {
      return JSON.parse(String(work.runInContext(room, risky(source, text) ? { timeout: LONGEST } : {})))
    } catch (cause) {
      if (!isTimeOut(cause)) throw cause
      throw templateError('pattern-too-slow', 'the regular expression takes more than a second on this text', {
        hint: 'look for a repetition within a repetition, such as (a+)+, and for several that match the same characters',
      })
    } finally {
      Object.assign(shelf, { text: '', replacement: '' }) // which may be secret
    }
  }
  return {
    test: (text) => ask('test', text) === true,
    first: (text) => (ask('first', text) ?? undefined) as Match | undefined, // as `one` makes it
    all: (text) => ask('all', text) as readonly Match[],
    replace: (text, replacement) => String(ask('replace', text, fromPythonReplacement(replacement))),
  }
}

/** Python's named groups, anchors of the whole text and leading flags, in JavaScript's way of writing. */
const fromPython = (written: string): { readonly source: string; readonly inline: string } => {
  const leading = /^\(\?([ims]+)\)/.exec(written)
  const source = written.slice(leading?.[0].length ?? 0).replace(/\\([\s\S])|\(\?P<|\(\?P=(\w+)\)/g, (found, escaped: string | undefined, name: string | undefined) => {
    if (escaped === 'A') return '(?<![\\s\\S])'
    if (escaped === 'Z') return '(?![\\s\\S])'
    if (escaped !== undefined) return found
    return name === undefined ? '(?<' : `\\k<${name}>`
  })
  return { source, inline: leading?.[1] ?? '' }
}

/** What a group matched, `\1` or `\g<name>`, in JavaScript's way of writing. */
const fromPythonReplacement = (text: string): string =>
  text.replaceAll('$', '$$$$').replace(/\\(?:g<(\w+)>|(\d)|\\)/g, (_, name: string | undefined, digit: string | undefined) => {
    const group = name ?? digit
    if (group === undefined) return '\\'
    return group === '0' ? '$&' : /^\d+$/.test(group) ? `$${group}` : `$<${group}>`
  })
