import { defineModule } from '../core/module.js'
import { editJson } from '../formats/json.js'
import { dataEdits, dotted } from './data-edits.js'
import { editedFile, editWhole } from './edited-text.js'
import { file, mayAlter } from './file.js'

export const json = defineModule({
  name: 'json',
  kind: 'state',
  summary: 'Keys of a JSON file have these values; the rest stays as it is written, comments and order included.',
  args: editedFile.extend({
    edits: dataEdits(dotted).describe('What shall be so, one after the other; together they are one change.'),
  }),
  examples: [`json:
  path: /etc/docker/daemon.json
  validate: python3 -m json.tool %s
  edits:
    - { key: log-driver, value: journald }
    - { key: [insecure-registries, 0], value: "registry.example.com:5000" }
    - { key: debug, state: absent }`],
  needs: (args, scope) => file.needs({ ...args, state: 'present' }, scope),
  mayDisturb: (args) => mayAlter(args),
  check: ({ edits, ...args }, facts) => editWhole(args, facts, (content) => editJson(content, edits, args.path)),
})
