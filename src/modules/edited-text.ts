import type { z } from 'zod'
import type { Change, FileState } from '../core/change.js'
import { ProvisionError } from '../core/errors.js'
import { concat, mapText, reveal, shown, Secret, type Text } from '../core/secret.js'
import type { Identity } from '../facts/identity.js'
import { READ_WHOLE } from '../facts/file.js'
import { absolutePath } from './arguments.js'
import { ABSENT, file } from './file.js'

export interface FileFacts { readonly now: FileState; readonly parent: FileState; readonly who: Identity; /** What lies beside it while a check that must stand is under way. */ readonly unproven?: FileState }

/** What becomes of a text's lines, given without their ends: a number keeps the line that stood there, anything else is new. */
export type Edit = (lines: readonly string[]) => readonly (number | Text)[]

/** The change that edits a text file which is there, mode and owner left as they are; none when every line is kept. */
export const editText = (path: string, facts: FileFacts, edit: Edit): readonly Change[] => {
  const content = contentOf(path, facts)
  if (content === undefined) return file.check({ path, state: 'present' }, facts) // says why it is none
  const after = edited(content, edit)
  return after === undefined ? [] : file.check({ path, state: 'present', content: fitting(path, after) }, facts)
}

/** Where an edited file lies, and all that `file` may say of it but its content. */
export const editedFile = file.args.omit({ content: true, state: true }).extend({
  path: absolutePath.describe('The file. It must exist and have at most 64 KiB.'),
})

/** The change that edits a file which is there as one text, and gives it access where that is asked for. */
export const editWhole = (args: z.output<typeof editedFile>, facts: FileFacts, edit: (content: Text) => Text): readonly Change[] => {
  const content = contentOf(args.path, facts)
  if (content === undefined) return file.check({ ...args, state: 'present' }, facts) // says why it is none
  const after = edit(content)
  const isKept = reveal(after) === reveal(content) && (facts.unproven ?? ABSENT).type === 'absent'
  return file.check({ ...args, state: 'present', ...(isKept ? {} : { content: fitting(args.path, after) }) }, facts)
}

/** What is edited must be readable whole the next time too. */
const fitting = (path: string, content: Text): Text => {
  if (Buffer.byteLength(reveal(content)) <= READ_WHOLE) return content
  throw new ProvisionError('too-long', `${path} would grow beyond ${READ_WHOLE / 1024} KiB and could not be edited any more`, { hint: 'give the whole file by `copy` or `template`' })
}

/** The text of a file; undefined when something else lies there. */
const contentOf = (path: string, { now }: FileFacts): Text | undefined => {
  if (now.type === 'absent') throw new ProvisionError('no-file', `there is no file ${path}`, { hint: `put a step \`file: { path: ${path} }\` before this one, or mend the path` })
  if (now.type !== 'file') return undefined
  if (now.content === undefined) throw new ProvisionError('not-text', `${path} is not text, or longer than ${READ_WHOLE / 1024} KiB`, { hint: 'give the whole file by `copy` or `template`' })
  return now.content
}

/** The text with its lines edited; undefined when every line is kept. */
export const edited = (content: Text, edit: Edit): Text | undefined => {
  const lines = linesOf(reveal(content))
  const items = edit(lines.map((line) => line.replace(/\r$/, '')))
  if (items.length === lines.length && items.every((item, index) => item === index)) return undefined
  return joined(content, lines, items)
}

const joined = (before: Text, lines: readonly string[], items: readonly (number | Text)[]): Text => {
  const end = lines[0]?.endsWith('\r') === true ? '\r\n' : '\n'
  const isEnded = reveal(before).endsWith('\n')
  const visible = linesOf(shown(before))
  const kept = (index: number): Text => {
    const written = lines[index] ?? ''
    // a last line without an end gets that of the file
    const line = `${written}${isEnded || index < lines.length - 1 || written.endsWith('\r') ? '\n' : end}`
    return before instanceof Secret ? new Secret(line, `${visible[index]}\n`) : line
  }
  return concat(items.map((item) => (typeof item === 'number' ? kept(item) : mapText(item, (text) => `${text}\n`.replaceAll('\n', end)))))
}

const linesOf = (text: string): readonly string[] => {
  const lines = text.split('\n')
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}
