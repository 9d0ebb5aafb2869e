import { isList, isMap, kindInWords, textOf, wrongType } from '../values.js'

const place = /%(?:\((\w+)\))?([-+ 0#]*)(\d{0,3})(?:\.(\d{1,2}))?(.?)/gsu

/** A text with values in its places, as Python's `%` fills them in. */
export const formatted = (text: string, values: readonly unknown[], named: ReadonlyMap<string, unknown>): string => {
  let used = 0
  const result = text.replace(place, (whole: string, name: string | undefined, flags: string, width: string, precision: string | undefined, kind: string) => {
    if (kind === '%') return '%'
    const value = name === undefined ? values[used++] : named.get(name)
    if (value === undefined) throw wrongType(`format has no value for ${whole}`, 'give one for each place, or write %% for a percent sign')
    const written = signed(writtenAs(kind, value, precision === undefined ? undefined : Number(precision), whole), kind, flags)
    const room = Number(width) - [...written].length
    if (room <= 0) return written
    if (flags.includes('-')) return written + ' '.repeat(room)
    return flags.includes('0') && kind !== 's' ? written.replace(/^[-+ ]?/, (sign) => sign + '0'.repeat(room)) : ' '.repeat(room) + written
  })
  if (used < values.length) throw wrongType('format has more values than places', 'write a %s for each')
  return result
}

const writtenAs = (kind: string, value: unknown, precision: number | undefined, whole: string): string => {
  switch (kind) {
    case 's': {
      if (isList(value) || isMap(value)) throw wrongType(`${kindInWords(value)} cannot stand in a text`, 'turn it into text first, such as with | join')
      const text = [...String(textOf(value))]
      return (precision === undefined ? text : text.slice(0, precision)).join('')
    }
    case 'd': case 'i': return String(Math.trunc(numberIn(value, whole)))
    case 'f': return numberIn(value, whole).toFixed(precision ?? 6)
    case 'x': return Math.trunc(numberIn(value, whole)).toString(16)
    case 'X': return Math.trunc(numberIn(value, whole)).toString(16).toUpperCase()
    case 'o': return Math.trunc(numberIn(value, whole)).toString(8)
    default: throw wrongType(`format has no ${whole}`, 'there are %s, %d, %f, %x, %X and %o; a percent sign is written %%')
  }
}

const numberIn = (value: unknown, whole: string): number => {
  if (typeof value === 'number') return value
  throw wrongType(`${whole} is for a number, not for ${kindInWords(value)}`, 'turn text into a number with | int')
}

const signed = (written: string, kind: string, flags: string): string => {
  if (kind === 's' || written.startsWith('-')) return written
  return flags.includes('+') ? `+${written}` : flags.includes(' ') ? ` ${written}` : written
}
