import fc from 'fast-check'
import { expect, it } from 'vitest'
import { markedText } from '../../src/transport/marked-text.js'

it('finds the text between the marks however the bytes are cut', () => {
  const noise = fc.string({ unit: fc.constantFrom('a', 'b', '<', 'é', '\n', '>'), maxLength: 12 })
  fc.assert(fc.property(noise, noise, fc.array(fc.nat(40), { maxLength: 12 }), (before, inside, cuts) => {
    const bytes = Buffer.from(`${before.replaceAll('<<ab\n', '')}<<ab\n${inside.replaceAll('ba>>', '')}ba>> 12\nafter`)
    const seen: string[] = []
    const text = markedText('<<ab\n', 'ba>>', (piece) => seen.push(piece))
    let at = 0
    for (const cut of [...cuts, bytes.length]) {
      text.push(bytes.subarray(at, at + cut))
      at = Math.min(bytes.length, at + cut)
    }
    expect(text.tail).toBe('12')
    expect(text.text).toBe(inside.replaceAll('ba>>', ''))
    expect(seen.join('')).toBe(text.text)
  }), { numRuns: 2000 })
})

it('is not over before the line of the end mark is', () => {
  const text = markedText('B\n', 'E', () => {})
  text.push(Buffer.from('B\nxE 1'))
  expect(text.tail).toBeUndefined()
  text.push(Buffer.from('37\n'))
  expect(text.tail).toBe('137')
})
