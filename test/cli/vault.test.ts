import { expect, it } from 'vitest'
import { editorOf } from '../../src/cli/vault.js'

it('edits with what is set, and with vi where nothing is', () => {
  expect([{ VISUAL: 'code --wait', EDITOR: 'nano' }, { EDITOR: 'nano' }, { VISUAL: '', EDITOR: 'nano' }, { EDITOR: '' }, { VISUAL: ' ', EDITOR: undefined }, {}].map(editorOf))
    .toEqual(['code --wait', 'nano', 'nano', 'vi', 'vi', 'vi'])
})
