/** A literal of Python as plain data; `pointless` is a number such as `1.0` that would lose its point. */
export interface Literal { readonly value: unknown; readonly pointless: string | undefined }

/**
 * What Python's `ast.literal_eval` makes of a text, or undefined where it refuses: numbers, texts in quotes, True, False, None, lists, tuples and
 * maps of these. Ansible reads each value of an INI inventory this way. Bytes, sets, complex numbers and `...` have no counterpart here and
 * count as refused. No library for Node reads this notation.
 */
export const literalOf = (text: string): Literal | undefined => {
  const tokens = tokensOf(text)
  if (tokens === undefined || tokens.length === 0) return undefined
  const reading = { tokens, at: 0, pointless: undefined as string | undefined }
  const value = several(reading, undefined)
  return value === refused || reading.at < tokens.length ? undefined : { value, pointless: reading.pointless }
}

const refused: unique symbol = Symbol('no literal')

interface Reading { readonly tokens: readonly string[]; at: number; pointless: string | undefined }

const number = /(?:0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*)?\.\d(?:_?\d)*(?:[eE][-+]?\d(?:_?\d)*)?|\d(?:_?\d)*\.?(?:[eE][-+]?\d(?:_?\d)*)?)(?![\w.])/
const quoted = /[rRuU]?(?:'''(?:[^\\]|\\[^])*?'''|"""(?:[^\\]|\\[^])*?"""|'(?:[^'\\\n]|\\[^])*'|"(?:[^"\\\n]|\\[^])*")/
const token = new RegExp(`[ \\t\\f]*(?:(${quoted.source}|${number.source}|(?:True|False|None)(?!\\w)|[-+,:()[\\]{}])|#[^\\n]*$)`, 'y')

const tokensOf = (text: string): readonly string[] | undefined => {
  const tokens: string[] = []
  const scan = new RegExp(token)
  const end = text.trimEnd().length
  while (scan.lastIndex < end) {
    const match = scan.exec(text)
    if (match === null) return undefined
    if (match[1] !== undefined) tokens.push(match[1])
  }
  return tokens
}

/** Values with commas between them, up to a closing bracket; one without a comma is itself, unless it stands in a list. */
const several = (reading: Reading, close: string | undefined): unknown => {
  const values: unknown[] = []
  let isList = close === ']'
  while (reading.tokens[reading.at] !== close) {
    const value = one(reading)
    if (value === refused) return refused
    values.push(value)
    if (reading.tokens[reading.at] !== ',') break
    reading.at += 1
    isList = true
  }
  if (reading.tokens[reading.at] !== close) return refused
  if (close !== undefined) reading.at += 1
  return isList || values.length === 0 ? values : values[0]
}

const one = (reading: Reading): unknown => {
  const next = reading.tokens[reading.at]
  reading.at += 1
  if (next === undefined) return refused
  if (next === '(') return several(reading, ')')
  if (next === '[') return several(reading, ']')
  if (next === '{') return map(reading)
  if (next === 'True' || next === 'False') return next === 'True'
  if (next === 'None') return null
  if (next === '-' || next === '+') {
    const size = /^[\d.]/.test(reading.tokens[reading.at] ?? '') ? one(reading) : refused
    return typeof size === 'number' && next === '-' ? -size : size
  }
  if (/^[rRuU]?['"]/.test(next)) return texts(reading, next)
  return /^[\d.]/.test(next) ? numberOf(reading, next) : refused
}

const map = (reading: Reading): unknown => {
  const entries: [string, unknown][] = []
  while (reading.tokens[reading.at] !== '}') {
    const key = one(reading)
    if (key === refused || typeof key === 'object' || reading.tokens[reading.at] !== ':') return refused
    reading.at += 1
    const value = one(reading)
    if (value === refused) return refused
    entries.push([String(key), value])
    if (reading.tokens[reading.at] !== ',') break
    reading.at += 1
  }
  if (reading.tokens[reading.at] !== '}') return refused
  reading.at += 1
  return Object.fromEntries(entries)
}

/** Texts that follow each other are one. */
const texts = (reading: Reading, first: string): string => {
  let whole = textOf(first)
  for (let next = reading.tokens[reading.at]; next !== undefined && /^[rRuU]?['"]/.test(next); next = reading.tokens[reading.at]) {
    whole += textOf(next)
    reading.at += 1
  }
  return whole
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v', '\n': '' }

const textOf = (written: string): string => {
  const [, raw = '', quote = '', inner = ''] = /^([rRuU]?)('''|"""|'|")([^]*)\2$/.exec(written) ?? []
  if (/r/i.test(raw) || quote === '') return inner
  return inner.replace(/\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|([^]))/g, (all, x?: string, u?: string, U?: string, octal?: string, other?: string) => {
    const hex = x ?? u ?? U
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
    if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8))
    return other === undefined ? all : escapes[other] ?? (/['"\\]/.test(other) ? other : all)
  })
}

const numberOf = (reading: Reading, written: string): unknown => {
  const plain = written.replaceAll('_', '')
  // Python refuses 007, and so it stays text
  if (/^0+[1-9]\d*$/.test(plain)) return refused
  const value = Number(plain)
  const isFloat = !/^0[xob]/i.test(plain) && /[.e]/i.test(plain)
  if ((isFloat && Number.isInteger(value)) || (!isFloat && !Number.isSafeInteger(value))) reading.pointless = written
  return value
}
