import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { mutants } from '../scripts/mutants-listed.js'

it.each(mutants)('the fault that `npm run mutants` makes in %s can be made: %s', (file, from) => {
  expect(readFileSync(join(import.meta.dirname, '../src', file), 'utf8').split(from)).toHaveLength(2)
})
