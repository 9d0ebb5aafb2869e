import { defineModule } from '../core/module.js'
import { editToml, tomlKey } from '../formats/toml.js'
import { dataEdits } from './data-edits.js'
import { editedFile, editWhole } from './edited-text.js'
import { file, mayAlter } from './file.js'

export const toml = defineModule({
  name: 'toml',
  kind: 'state',
  summary: 'Keys of a TOML file have these values; every other byte stays, comments and order included.',
  args: editedFile.extend({
    edits: dataEdits(tomlKey).describe('What shall be so, one after the other; together they are one change.'),
  }),
  examples: [`toml:
  path: /opt/app/conf/deployment.toml
  edits:
    - { key: server.hostname, value: app.example.com }
    - { key: server.offset, value: 10 }
    - { key: [datasource, { id: main }, password], value: "{{ db_password }}" }
    - { key: server.debug, state: absent }`],
  needs: (args, scope) => file.needs({ ...args, state: 'present' }, scope),
  mayDisturb: (args) => mayAlter(args),
  check: ({ edits, ...args }, facts) => editWhole(args, facts, (content) => editToml(content, edits, args.path)),
})
