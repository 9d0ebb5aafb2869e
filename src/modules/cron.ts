import { z } from 'zod'
import { below, disturbs, type Change } from '../core/change.js'
import type { Diff } from '../core/diff.js'
import { becomes, type HostFact } from '../core/fact.js'
import { defineModule } from '../core/module.js'
import { concat, reveal, Secret, shown, type Text } from '../core/secret.js'
import { emit, sh } from '../core/shell.js'
import { crontabOf, crontabOptions } from '../facts/crontab.js'
import type { FileState } from '../facts/file.js'
import type { Identity } from '../facts/identity.js'
import { accountName, text } from './arguments.js'
import { edited, editText, type Edit } from './edited-text.js'
import { file } from './file.js'

const field = (what: string): z.ZodDefault<z.ZodUnion<readonly [z.ZodInt, z.ZodString]>> =>
  z.union([z.int().min(0), z.string().regex(/^[0-9A-Za-z*,/-]+$/, 'expected a field of cron, such as 5, 0,30, 1-5 or */10')]).default('*').describe(`${what}, as cron writes it, such as 5, "0,30", 1-5 or "*/10". Any when unset.`)

const args = z.strictObject({
  name: z.string().regex(/^\S([^\r\n]*\S)?$/, 'expected one line').describe('What the job is called: a comment above its line, by which it is found again.'),
  job: text.refine((value) => /^[^\r\n]*\S[^\r\n]*$/.test(reveal(value)), 'expected one line').optional().describe('The command; cron takes `%` as a line end unless it is written `\\%`. Not needed for `absent`.'),
  state: z.enum(['present', 'absent']).default('present').describe('Whether there is such a job.'),
  user: accountName.optional().describe("Whose job it is. When unset, the acting user's in their own table, and root's in a file."),
  file: z.string().regex(/^[A-Za-z0-9_-]+$/, 'cron reads only files whose names are letters, digits, _ and -').optional().describe("The file below /etc/cron.d that holds the job. The user's own table when unset."),
  minute: field('Minutes'),
  hour: field('Hours'),
  day: field('Days of the month'),
  month: field('Months'),
  weekday: field('Days of the week, 0 or sun being Sunday'),
  'special-time': z.enum(['reboot', 'hourly', 'daily', 'weekly', 'monthly', 'yearly', 'annually']).optional().describe('Instead of the five fields.'),
  disabled: z.boolean().default(false).describe('Whether the line is kept but commented out.'),
}).refine(({ job, state }) => job !== undefined || state === 'absent', { message: 'a job that shall be present has a command', path: ['job'] })
  .refine(({ 'special-time': special, ...fields }) => special === undefined || [fields.minute, fields.hour, fields.day, fields.month, fields.weekday].every((value) => value === '*'), { message: 'give `special-time` or the fields, not both', path: ['special-time'] })
type Args = z.output<typeof args>

type CronNeeds = Readonly<Record<'table', HostFact<Text, string>>> | Readonly<Record<'now' | 'parent', HostFact<FileState>>> & Readonly<Record<'who', HostFact<Identity>>>

export const cron = defineModule({
  name: 'cron',
  kind: 'state',
  summary: "A job of cron's is in a user's table or in a file below /etc/cron.d, or is not; other jobs stay as they are.",
  args,
  examples: [
    `cron: { name: rotate the logs of app, user: app, minute: 15, hour: 3, job: /opt/app/bin/rotate }`,
    `cron: { name: nightly backup, file: backup, special-time: daily, job: /usr/local/bin/backup --all }`,
    `cron: { name: old job, state: absent }`,
  ],
  needs: ({ user, file: name }, scope): CronNeeds => (name === undefined ? { table: crontabOf(user) } : file.needs({ path: pathOf(name), state: 'present' }, scope)),
  mayDisturb: ({ user, file: name }) => (name === undefined ? [disturbs(crontabOf(user)), below(SPOOL)] : [below(pathOf(name))]),
  check(wanted, facts) {
    const edit = wanted.state === 'present' && wanted.job !== undefined ? present(wanted.name, lineOf(wanted, wanted.job)) : absent(wanted.name)
    if ('table' in facts) return inTable(wanted, facts.table, edit)
    const path = pathOf(wanted.file ?? '')
    if (facts.now.type !== 'absent') {
      const changes = editText(path, facts, edit)
      const emptied = facts.now.type === 'file' && changes.length > 0 && facts.now.content !== undefined && reveal(edited(facts.now.content, edit) ?? '') === ''
      return emptied ? file.check({ path, state: 'absent' }, facts) : changes
    }
    return wanted.state === 'absent' ? [] : file.check({ path, state: 'present', content: edited('', edit) ?? '', mode: '0644' }, facts)
  },
})

const SPOOL = '/var/spool/cron'
const pathOf = (name: string): string => `/etc/cron.d/${name}`

const lineOf = (wanted: Args, job: Text): Text => {
  const { minute, hour, day, month, weekday, 'special-time': special } = wanted
  const when = special === undefined ? [minute, hour, day, month, weekday].join(' ') : `@${special}`
  return concat([wanted.disabled ? '#' : '', when, ' ', ...(wanted.file === undefined ? [] : [wanted.user ?? 'root', ' ']), job])
}

const markOf = (name: string): string => `# provision: ${name}`

/** The job is the line below its mark; of several marks of the name the first stays. */
const present = (name: string, job: Text): Edit => (lines) => {
  const marks = lines.flatMap((line, index) => (line === markOf(name) ? [index] : []))
  const [first] = marks
  if (first === undefined) return [...lines.keys(), markOf(name), job]
  return lines.flatMap((line, index): readonly (number | Text)[] => {
    if (index === first) return lines[first + 1] === undefined ? [index, job] : [index]
    if (index === first + 1) return [line === reveal(job) ? index : job]
    return marks.includes(index) || marks.includes(index - 1) ? [] : [index]
  })
}

const absent = (name: string): Edit => (lines) => lines.flatMap((line, index) => (line === markOf(name) || lines[index - 1] === markOf(name) ? [] : [index]))

const inTable = (wanted: Args, table: Text, edit: Edit): readonly Change[] => {
  const { name, user, state } = wanted
  const after = edited(table, edit)
  if (after === undefined) return []
  const options = crontabOptions(user)
  const isThere = reveal(table).split('\n').includes(markOf(name))
  return [{
    summary: `${state === 'absent' ? 'remove' : isThere ? 'change' : 'add'} cron job ${name.length <= 35 ? name : `${name.slice(0, 34)}…`}`,
    diff: diffOf(wanted, isThere),
    actions: [reveal(after) === '' ? { do: 'exec', script: sh`crontab ${[...options, '-r']}`.text } : { do: 'exec', script: sh`crontab ${[...options, '-']}`.text, stdin: after }],
    predicts: [becomes(crontabOf(user), new Secret(reveal(after)))],
    disturbs: [below(SPOOL)],
    confirm: reveal(after) === '' ? sh`! crontab ${[...options, '-l']} >/dev/null 2>&1`.text : sh`[ "$(crontab ${[...options, '-l']})" = "$(${emit(after)})" ]`.text,
  }]
}

/** The table itself is not shown: other jobs may hold secrets. */
const diffOf = (wanted: Args, isThere: boolean): Diff => ({ lines: [
  ...(isThere ? [{ sign: '-' as const, text: `the job ${wanted.name} as it is` }] : []),
  ...(wanted.state === 'present' && wanted.job !== undefined ? [{ sign: '+' as const, text: shown(lineOf(wanted, wanted.job)) }] : []),
] })
