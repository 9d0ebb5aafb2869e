import { z } from 'zod'
import { below } from '../core/change.js'
import { ProvisionError } from '../core/errors.js'
import { defineModule } from '../core/module.js'
import { mapText, reveal, type Text } from '../core/secret.js'
import { absolutePath, text } from './arguments.js'
import { editText, type Edit } from './edited-text.js'
import { file, unitsOf } from './file.js'
import { positionIn, regexp } from './text-position.js'

export const line = defineModule({
  name: 'line',
  kind: 'state',
  summary: 'A text file has a line, or has it not; the other lines stay as they are.',
  args: z.strictObject({
    path: absolutePath.describe('The text file, of at most 64 KiB. It must exist unless `create` is said.'),
    line: text.refine((value) => !/[\r\n]/.test(reveal(value)), 'expected one line').optional().describe('The whole line. May be left out when `match` says which lines shall be absent.'),
    match: regexp.optional().describe('A regular expression for the line that this one takes the place of, such as an older value; several different ones are an error. With `absent`: the lines to remove.'),
    state: z.enum(['present', 'absent']).default('present').describe('Whether there is such a line.'),
    after: regexp.optional().describe('A new line comes after the last line that matches this. At the end of the file when unset.'),
    before: regexp.optional().describe('A new line comes before the first line that matches this.'),
    backrefs: z.boolean().default(false).describe('Whether `\\1` to `\\9` in `line` stand for the groups of `match`. Every line that matches is then replaced by its own; when none does, nothing is added.'),
    create: z.boolean().default(false).describe('Whether a file that is missing is made, with the line alone; its folder must exist.'),
  }).refine((args) => args.line !== undefined || (args.state === 'absent' && args.match !== undefined), { message: 'which line? give `line`, or `match` with `state: absent`', path: ['line'] })
    .refine(({ after, before }) => after === undefined || before === undefined, { message: 'give `after` or `before`, not both', path: ['before'] })
    .refine(({ backrefs, match, state }) => !backrefs || (match !== undefined && state === 'present'), { message: 'groups are those of `match`, for a line that shall be present', path: ['backrefs'] }),
  examples: [
    `line: { path: /etc/ssh/sshd_config, match: '^#?PermitRootLogin ', line: PermitRootLogin no }`,
    `line: { path: /etc/fstab, match: '\\sswap\\s', state: absent }`,
    `line: { path: /etc/default/grub, match: '^(GRUB_CMDLINE_LINUX)=.*$', line: '\\1="quiet"', backrefs: true }`,
  ],
  needs: ({ path }, scope) => file.needs({ path, state: 'present' }, scope),
  mayDisturb: ({ path }) => [below(path), ...unitsOf(path)],
  check({ path, line: wanted, match, state, backrefs, create, ...place }, facts) {
    const matches = match === undefined ? (): boolean => false : (found: string): boolean => new RegExp(match).test(found)
    if (state === 'present' && wanted !== undefined && backrefs && match !== undefined) {
      return facts.now.type === 'absent' && create ? [] : editText(path, facts, replaced(path, new RegExp(match), wanted))
    }
    if (state === 'present' && wanted !== undefined && create && facts.now.type === 'absent') return file.check({ path, state, content: mapText(wanted, (one) => `${one}\n`) }, facts)
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

/** Each line that matches becomes what `wanted` is with its own groups. */
const replaced = (path: string, match: RegExp, wanted: Text): Edit => (lines) => lines.map((found, index) => {
  const line = expanded(match, found, wanted)
  if (line === undefined || reveal(line) === found) return index
  const again = expanded(match, reveal(line), wanted)
  if (again !== undefined && reveal(again) !== reveal(line)) {
    throw new ProvisionError('never-settles', `a line of ${path} would change in every run: what it becomes matches too`, { hint: 'make `match` narrower, so that it does not match its own result' })
  }
  return line
})

const expanded = (match: RegExp, found: string, wanted: Text): Text | undefined => {
  const groups = match.exec(found)
  return groups === null ? undefined : mapText(wanted, (line) => line.replace(/\\([1-9])/g, (_reference, number: string) => groups[Number(number)] ?? ''))
}
