import { expect, it } from 'vitest'
import { counted } from '../../src/core/counted.js'

it('is singular for one alone', () => {
  expect([0, 1, 2].map((number) => counted(number, 'play'))).toEqual(['0 plays', '1 play', '2 plays'])
  expect([1, 2].map((number) => counted(number, 'try', 'tries'))).toEqual(['1 try', '2 tries'])
})
