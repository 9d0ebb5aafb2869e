import { z } from 'zod'
import { below } from '../core/change.js'
import { ProvisionError } from '../core/errors.js'
import { defineModule } from '../core/module.js'
import { reveal, type Text } from '../core/secret.js'
import { absolutePath, text } from './arguments.js'
import { editText, type Edit } from './edited-text.js'
import { file, unitsOf } from './file.js'
import { positionIn, regexp } from './text-position.js'

export const line = defineModule({
  name: 'line',
  kind: 'state',
  summary: 'A text file has a line, or has it not; the other lines stay as they are.',
  args: z.strictObject({
    path: absolutePath.describe('The text file. It must exist and have at most 64 KiB.'),
    line: text.refine((value) => !/[\r\n]/.test(reveal(value)), 'expected one line').optional().describe('The whole line. May be left out when `match` says which lines shall be absent.'),
    match: regexp.optional().describe('A regular expression for the line that this one takes the place of, such as an older value; several different ones are an error. With `absent`: the lines to remove.'),
    state: z.enum(['present', 'absent']).default('present').describe('Whether there is such a line.'),
    after: regexp.optional().describe('A new line comes after the last line that matches this. At the end of the file when unset.'),
    before: regexp.optional().describe('A new line comes before the first line that matches this.'),
  }).refine((args) => args.line !== undefined || (args.state === 'absent' && args.match !== undefined), { message: 'which line? give `line`, or `match` with `state: absent`', path: ['line'] })
    .refine(({ after, before }) => after === undefined || before === undefined, { message: 'give `after` or `before`, not both', path: ['before'] }),
  examples: [
    `line: { path: /etc/ssh/sshd_config, match: '^#?PermitRootLogin ', line: PermitRootLogin no }`,
    `line: { path: /etc/fstab, match: '\\sswap\\s', state: absent }`,
  ],
  needs: ({ path }, scope) => file.needs({ path, state: 'present' }, scope),
  mayDisturb: ({ path }) => [below(path), ...unitsOf(path)],
  check({ path, line: wanted, match, state, ...place }, facts) {
    const matches = match === undefined ? (): boolean => false : (found: string): boolean => new RegExp(match).test(found)
    if (state === 'present' && wanted !== undefined) return editText(path, facts, present(path, wanted, matches, place))
    if (facts.now.type === 'absent') return []
    const unwanted = match === undefined && wanted !== undefined ? (found: string): boolean => found === reveal(wanted) : matches
    return editText(path, facts, (lines) => lines.flatMap((found, index) => (unwanted(found) ? [] : [index])))
  },
})

const present = (path: string, wanted: Text, matches: (line: string) => boolean, place: { after?: string | undefined; before?: string | undefined }): Edit => (lines) => {
  const all = [...lines.keys()]
  const hits = lines.flatMap((found, index) => (matches(found) ? [index] : []))
  const same = all.filter((index) => lines[index] === reveal(wanted))
  const found = hits.length === 0 ? same : [...new Set([...hits, ...same])].sort((one, other) => one - other)
  const [first, ...more] = found
  if (first === undefined) {
    const at = positionIn(lines, place, path)
    return [...all.slice(0, at), wanted, ...all.slice(at)]
  }
  if (hits.length === 0) return all
  if (new Set(found.map((index) => lines[index])).size > 1) {
    throw new ProvisionError('several-lines', `${found.length} different lines of ${path} match`, { hint: 'make `match` narrower, or mend the file by hand' })
  }
  return all.filter((index) => !more.includes(index)).map((index) => (index === first && lines[index] !== reveal(wanted) ? wanted : index))
}
