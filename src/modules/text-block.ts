import { z } from 'zod'
import { below } from '../core/change.js'
import { ProvisionError } from '../core/errors.js'
import { defineModule } from '../core/module.js'
import { mapText, reveal, type Text } from '../core/secret.js'
import { absolutePath, text } from './arguments.js'
import { editText, type Edit } from './edited-text.js'
import { file, unitsOf } from './file.js'
import { positionIn, regexp } from './text-position.js'

export const textBlock = defineModule({
  name: 'text-block',
  kind: 'state',
  summary: 'A text file has a block of lines between two marks, or has it not; the other lines stay as they are.',
  args: z.strictObject({
    path: absolutePath.describe('The text file. It must exist and have at most 64 KiB.'),
    name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9 ._:/-]*$/, 'expected letters, digits, spaces and . _ : / -').describe('What the marks call the block; one of a name in a file.'),
    content: text.optional().describe('The lines between the marks.'),
    comment: z.string().regex(/^[^\r\n]+$/).default('#').describe('What a comment begins with in this file.'),
    state: z.enum(['present', 'absent']).default('present').describe('Whether there is such a block.'),
    after: regexp.optional().describe('A new block comes after the last line that matches this. At the end of the file when unset.'),
    before: regexp.optional().describe('A new block comes before the first line that matches this.'),
  }).refine(({ content, state }) => state === 'absent' || (content !== undefined && reveal(content) !== ''), { message: 'a block that shall be present has content', path: ['content'] })
    .refine(({ after, before }) => after === undefined || before === undefined, { message: 'give `after` or `before`, not both', path: ['before'] }),
  examples: [`text-block:
  path: /etc/profile
  name: app
  content: |
    export APP_HOME=/opt/app
    export PATH="$APP_HOME/bin:$PATH"`],
  needs: ({ path }, scope) => file.needs({ path, state: 'present' }, scope),
  mayDisturb: ({ path }) => [below(path), ...unitsOf(path)],
  check({ path, name, content, comment, state, ...place }, facts) {
    const begin = `${comment} BEGIN provision ${name}`
    const end = `${comment} END provision ${name}`
    if (state === 'present' && content !== undefined) {
      const body = mapText(content, (all) => all.replace(/\n$/, ''))
      if (reveal(body).split('\n').some((one) => one === begin || one === end)) {
        throw new ProvisionError('mark-in-content', `the content of block ${name} holds its own mark`, { hint: 'leave the marks out of `content`' })
      }
      return editText(path, facts, present(path, [begin, end], body, place))
    }
    return facts.now.type === 'absent' ? [] : editText(path, facts, (lines) => {
      const found = blockIn(lines, [begin, end], path)
      return [...lines.keys()].filter((index) => found === undefined || index < found.first || index > found.last)
    })
  },
})

type Marks = readonly [begin: string, end: string]

const present = (path: string, marks: Marks, body: Text, place: { after?: string | undefined; before?: string | undefined }): Edit => (lines) => {
  const all = [...lines.keys()]
  const found = blockIn(lines, marks, path)
  if (found === undefined) {
    const at = positionIn(lines, place, path)
    return [...all.slice(0, at), marks[0], body, marks[1], ...all.slice(at)]
  }
  if (lines.slice(found.first + 1, found.last).join('\n') === reveal(body)) return all
  return [...all.slice(0, found.first + 1), body, ...all.slice(found.last)]
}

/** Where the block stands, marks included. */
const blockIn = (lines: readonly string[], [begin, end]: Marks, path: string): { readonly first: number; readonly last: number } | undefined => {
  const [first, anotherFirst] = lines.flatMap((one, index) => (one === begin ? [index] : []))
  const [last, anotherLast] = lines.flatMap((one, index) => (one === end ? [index] : []))
  if (first === undefined && last === undefined) return undefined
  if (first === undefined || last === undefined || last < first || anotherFirst !== undefined || anotherLast !== undefined) {
    throw new ProvisionError('broken-block', `the marks ${begin} and ${end} in ${path} are not one pair`, { hint: 'mend the file by hand: one mark of each, in this order' })
  }
  return { first, last }
}
