import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ProvisionError, ProvisionErrors } from '../../src/core/errors.js'
import { errorText } from '../../src/report/error-text.js'
import { styleOf } from '../../src/report/style.js'

const at = { file: 'site.yaml', line: 120, column: 4, text: '\t\tkey: value' }
const errors = new ProvisionErrors([
  new ProvisionError('bare', 'nothing else is known'),
  new ProvisionError('placed', 'a place with tabs', { at, hint: 'one thing to do\nand another' }),
  new ProvisionError('secret-file', 'a place whose line is not shown', { at: { file: 'vault.yaml', line: 1, column: 1 } }),
  new ProvisionError('program', 'a program failed\u001b[2J', { output: 'its\u0007 words\nand more\n' }),
])

it('tells mistakes with place, caret and hint', async () => {
  await expect(`${errorText(errors, styleOf(false))}\n`).toMatchFileSnapshot(join(import.meta.dirname, 'golden/errors.txt'))
})

it('tells the same words in colours', () => {
  expect(errorText(errors, styleOf(true)).replaceAll(/\u001b\[\d+m/g, '')).toBe(errorText(errors, styleOf(false)))
  expect(errorText(new ProvisionError('one', 'alone'), styleOf(false))).toBe('error: alone [one]')
})
