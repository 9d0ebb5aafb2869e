import { defineModule } from '../core/module.js'
import { editYaml } from '../formats/yaml.js'
import { dataEdits, dotted } from './data-edits.js'
import { editedFile, editWhole } from './edited-text.js'
import { file, mayAlter } from './file.js'

export const yaml = defineModule({
  name: 'yaml',
  kind: 'state',
  summary: 'Keys of a YAML file have these values; every other byte stays, comments, anchors and order included.',
  args: editedFile.extend({
    edits: dataEdits(dotted).describe('What shall be so, one after the other; together they are one change.'),
  }),
  examples: [`yaml:
  path: /etc/prometheus/prometheus.yml
  validate: promtool check config %s
  edits:
    - { key: global.scrape_interval, value: 30s }
    - { key: [scrape_configs, { job_name: app }, static_configs], value: [ { targets: ["app1:9100", "app2:9100"] } ] }
    - { key: alerting, state: absent }`],
  needs: (args, scope) => file.needs({ ...args, state: 'present' }, scope),
  mayDisturb: (args) => mayAlter(args),
  check: ({ edits, ...args }, facts) => editWhole(args, facts, (content) => editYaml(content, edits, args.path)),
})
