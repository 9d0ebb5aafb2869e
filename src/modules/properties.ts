import { z } from 'zod'
import { defineModule } from '../core/module.js'
import { editProperties } from '../formats/properties.js'
import { writtenText } from './arguments.js'
import { editedFile, editWhole } from './edited-text.js'
import { file, mayAlter } from './file.js'

const edit = z.strictObject({
  key: z.string().min(1).describe('The key as Java reads it, without escapes. Where it is repeated, the last one counts.'),
  value: writtenText.optional().describe('Its value without escapes; they are written where the format needs them. A new key goes to the end of the file. Left out with `absent`.'),
  state: z.enum(['present', 'absent']).default('present').describe('Whether the key is there. `absent` removes every one of this name.'),
}).refine(({ value, state }) => (value === undefined) === (state === 'absent'), { message: 'give `value`, or `state: absent`', path: ['value'] })
  .transform(({ key, value }) => (value === undefined ? { key, absent: true as const } : { key, value }))

export const properties = defineModule({
  name: 'properties',
  kind: 'state',
  summary: 'Keys of a Java properties file have these values; every other byte stays, comments and order included.',
  args: editedFile.extend({
    edits: z.array(edit).min(1).describe('What shall be so, one after the other; together they are one change.'),
  }),
  examples: [`properties:
  path: /opt/app/conf/app.properties
  edits:
    - { key: server.port, value: 8290 }
    - { key: jdbc.password, value: "{{ db_password }}" }
    - { key: debug, state: absent }`],
  needs: (args, scope) => file.needs({ ...args, state: 'present' }, scope),
  mayDisturb: (args) => mayAlter(args),
  check: ({ edits, ...args }, facts) => editWhole(args, facts, (content) => editProperties(content, edits, args.path)),
})
