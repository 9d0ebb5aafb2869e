import { expect, it } from 'vitest'
import { visible } from '../../src/core/printable.js'

it('tells characters that nobody sees by their numbers, and leaves letters, lines and tabs', () => {
  expect(visible('a\u202eb\u200b\u0007\r\n\tü é 日本 🙂')).toBe('a⟨U+202E⟩b⟨U+200B⟩⟨U+0007⟩⟨U+000D⟩\n\tü é 日本 🙂')
  expect(visible('\u{e0041}\u00ad\u2028')).toBe('⟨U+E0041⟩⟨U+00AD⟩⟨U+2028⟩')
})
