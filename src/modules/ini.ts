import { z } from 'zod'
import { defineModule } from '../core/module.js'
import { reveal } from '../core/secret.js'
import { editIni } from '../formats/ini.js'
import { writtenText } from './arguments.js'
import { editedFile, editWhole } from './edited-text.js'
import { file, mayAlter } from './file.js'

const edit = z.strictObject({
  section: z.string().regex(/^[^\s[\]](?:[^[\]\r\n]*[^\s[\]])?$/, 'expected the name of a section without brackets').optional().describe('The section, made at the end of the file if it is missing. Before the first one when unset.'),
  key: z.string().regex(/^[^\s=:;#[](?:[^=:\r\n]*[^\s=:])?$/, 'expected a key').optional().describe('The key. The edit is about the whole section when unset.'),
  value: writtenText.refine((value) => /^(?:\S(?:[^\r\n]*\S)?)?$/.test(reveal(value)), 'expected one line without blanks around it').optional()
    .describe('The value, as it stands in the file up to the end of the line. A key without value when unset.'),
  repeated: z.boolean().default(false).describe('Whether the key may stand several times: this value is there beside others, or it alone is absent. A key that stands twice fails the step otherwise.'),
  state: z.enum(['present', 'absent']).default('present').describe('Whether it is there. `absent` removes the key wherever it stands in the section, or the whole section.'),
}).refine(({ section, key }) => section !== undefined || key !== undefined, { message: 'give `section`, `key`, or both', path: ['section'] })
  .refine(({ key, value }) => key !== undefined || value === undefined, { message: 'a value has a `key`', path: ['value'] })
  .refine(({ state, value, repeated }) => state === 'present' || repeated || value === undefined, { message: 'with `absent` the value counts only where the key is `repeated`', path: ['value'] })

export const ini = defineModule({
  name: 'ini',
  kind: 'state',
  summary: 'Keys in sections of an INI file have these values; every other byte stays, comments and order included.',
  args: editedFile.extend({
    edits: z.array(edit).min(1).describe('What shall be so, one after the other; together they are one change.'),
  }),
  examples: [`ini:
  path: /etc/mysql/mariadb.conf.d/50-server.cnf
  edits:
    - { section: mysqld, key: bind-address, value: 0.0.0.0 }
    - { section: mysqld, key: skip-networking, state: absent }`,
    `ini:
  path: /etc/systemd/resolved.conf
  edits: [ { section: Resolve, key: DNS, value: 10.0.0.2 10.0.0.3 } ]`],
  needs: (args, scope) => file.needs({ ...args, state: 'present' }, scope),
  mayDisturb: (args) => mayAlter(args),
  check: ({ edits, ...args }, facts) => editWhole(args, facts, (content) => editIni(content, edits, args.path)),
})
