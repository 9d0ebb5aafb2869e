import { StringDecoder } from 'node:string_decoder'

interface Split { readonly before: Buffer; readonly rest?: Buffer }

/** Splits chunks at the first occurrence of a mark, and never lets a part of the mark through. */
const splitter = (mark: string): ((chunk: Buffer) => Split) => {
  const wanted = Buffer.from(mark)
  let held: Buffer = Buffer.alloc(0)
  return (chunk) => {
    const all = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    const at = all.indexOf(wanted)
    if (at >= 0) return { before: all.subarray(0, at), rest: all.subarray(at + wanted.length) }
    let keep = Math.min(wanted.length - 1, all.length)
    while (keep > 0 && !wanted.subarray(0, keep).equals(all.subarray(all.length - keep))) keep -= 1
    held = Buffer.from(all.subarray(all.length - keep))
    return { before: all.subarray(0, all.length - keep) }
  }
}

/** The text of one stream between two marks, handed on in whole characters as it comes. */
export interface MarkedText {
  /** Takes the next bytes of the stream; ignores what comes after the end. */
  push(chunk: Buffer): void
  readonly text: string
  /** What follows the end mark on its line, once the line is complete. */
  readonly tail: string | undefined
}

export const markedText = (begin: string, end: string, onText: (text: string) => void): MarkedText => {
  const decoder = new StringDecoder('utf8')
  const pieces: string[] = []
  const say = (text: string): void => {
    if (text === '') return
    pieces.push(text)
    onText(text)
  }
  const steps = [splitter(begin), splitter(end), splitter('\n')]
  let step = 0
  let last = ''
  return {
    push(chunk) {
      let rest: Buffer | undefined = chunk
      while (rest !== undefined && step < steps.length) {
        const split: Split | undefined = steps[step]?.(rest)
        if (split === undefined) return
        if (step === 1) say(decoder.write(split.before))
        if (step === 2) last += split.before.toString('latin1')
        rest = split.rest
        if (rest !== undefined) step += 1
        if (rest !== undefined && step === 2) say(decoder.end())
      }
    },
    get text() { return pieces.join('') },
    get tail() { return step === steps.length ? last.trim() : undefined },
  }
}
