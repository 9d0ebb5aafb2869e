/** An example of a guide; a test loads, evaluates or parses each. */
export type GuideExample =
  | { readonly expression: string; readonly gives: unknown }
  | { readonly pattern: string; readonly hosts: string }
  | { readonly command: string; readonly about: string }
  | { readonly playbook: string }
  | { readonly inventory: string }

/** What no schema tells: a page about an idea of the program, examples first. */
export interface Guide {
  readonly name: string
  readonly summary: string
  readonly examples: readonly GuideExample[]
  readonly rows: readonly (readonly [what: string, meaning: string])[]
  /** One paragraph each. */
  readonly notes: readonly string[]
}

/** The inventory that the examples of all guides are about. */
export const guideInventory = `# inventories/prod/hosts.yaml
connection: { user: deploy, become: { method: sudo } }
vars:
  domain: example.com
  url: "https://{{ host.name }}.{{ domain }}"
groups:
  nodes:
    vars: { port: 8290 }
    hosts:
      mi[1:2]: { address: "10.0.0.[11:12]" }
      mi3: { address: 10.0.0.13, vars: { port: 9290 } }
  database:
    hosts: { db1: { address: 10.0.0.10 } }
  site:
    groups: [nodes, database]
hosts:
  lb1: { address: 10.0.0.20, connection: { user: admin, port: 2222 } }
`

/** How an example is shown. */
export const guideExampleText = (example: GuideExample): string => {
  if ('expression' in example) return `{{ ${example.expression} }}  →  ${JSON.stringify(example.gives)}`
  if ('pattern' in example) return `${example.pattern}  →  ${example.hosts}`
  if ('command' in example) return `$ ${example.command}    # ${example.about}`
  return ('playbook' in example ? example.playbook : example.inventory).trimEnd()
}

/** The guides, by name. */
export const guides: readonly Guide[] = [
  {
    name: 'variables', summary: 'What expressions see: where values come from, which of several counts, other hosts, and what hosts say of themselves.',
    examples: [
      { playbook: `- name: Nodes
  hosts: nodes
  vars: { greeting: "hello from {{ host.name }}" }
  steps:
    - file: { path: /etc/motd, content: "{{ greeting }}, {{ url }}, database {{ hosts['db1'].address }}\\n" }
      when: host.memory >= 1024                  # asked of the host, in MiB
    - file: { path: "/etc/peers/{{ item.name }}", content: "{{ item.address }}\\n" }
      loop: "{{ members.nodes }}"
` },
      { expression: 'url', gives: 'https://mi1.example.com' },
      { expression: "hosts['mi3'].port", gives: 9290 },
      { expression: 'groups.nodes', gives: ['mi1', 'mi2', 'mi3'] },
      { expression: "members.nodes | map(attribute='address') | join(',')", gives: '10.0.0.11,10.0.0.12,10.0.0.13' },
      { expression: "cluster_size | default(3)", gives: 3 },
      { command: 'provision explain port --host mi3 -i prod', about: 'its value, everything that gives it, and which one won' },
    ],
    rows: [
      ['step, loop, block', '`vars:` of a step or block, `item` of a loop. What stands higher in this table counts.'],
      ['parameters', '`with:` of an include, or the default in `params:` of the step list. A step list sees its own, not those of its caller.'],
      ['register', 'Outcomes of earlier steps of this host: stdout, stderr, exit, changed. In a plan they are not known yet: what needs them is deferred.'],
      ['--set', '`--set name=value`, `--set @file.yaml`.'],
      ['host', '`vars:` of the host, `host_vars/NAME.yaml`.'],
      ['groups', '`vars:` of its groups, `group_vars/NAME.yaml`; an inner group goes over an outer one, `all` is the outermost; `vault.yaml` belongs to `all`. Two groups that disagree, neither inside the other, are a mistake.'],
      ['play', '`vars:` of the play.'],
      ['playbook', '`params:` of the playbook: `with:` of an import, else the default.'],
      ['host.NAME', 'The host at hand: `host.name`, `host.groups`, `host.address`, its variables, and what it says of itself: `os` (id, name, version, codename, family), `hostname`, `kernel`, `architecture`, `cpus`, `memory` and `swap` (MiB), `addresses`, `interfaces`, `init`, `packages`.'],
      ["hosts['NAME']", 'The same of any host: `hosts[\'db1\'].address`. What it says of itself is asked when an expression looks it up.'],
      ['groups.NAME', 'The names of the hosts of a group.'],
      ['members.NAME', 'The same hosts with `name`, `address` and `groups`.'],
    ],
    notes: [
      'A value is evaluated when it is looked up, for the host at hand. A text that is exactly one `{{ expression }}` keeps its type. A name that nobody gives is a mistake, unless `default` or `is defined` asks. `when`, `until` and `changed-when` are expressions without braces.',
      'What comes from the vault or a parameter of type `secret` prints as dots everywhere, through every filter.',
    ],
  },
  {
    name: 'patterns', summary: 'Which hosts: in `hosts:` of a play, `--limit`, `exec`, `ping` and `facts`. The examples are about the inventory of `provision docs inventory`.',
    examples: [
      { pattern: 'all', hosts: 'mi1 mi2 mi3 db1 lb1' },
      { pattern: 'nodes', hosts: 'mi1 mi2 mi3' },
      { pattern: 'nodes:!mi2', hosts: 'mi1 mi3' },
      { pattern: 'lb1,db1', hosts: 'db1 lb1' },
      { pattern: 'site:&mi*', hosts: 'mi1 mi2 mi3' },
      { pattern: 'mi[2:3]', hosts: 'mi2 mi3' },
      { pattern: 'nodes[0]', hosts: 'mi1' },
      { pattern: 'nodes:!nodes[-1]', hosts: 'mi1 mi2' },
      { command: "provision plan cluster.yaml -i prod --limit 'nodes:!mi2'", about: 'quotes keep the shell from reading ! and *' },
    ],
    rows: [
      ['NAME', 'A host or a group; `all` is everybody.'],
      ['A:B  A,B', 'Both.'],
      ['!A', 'Without these, wherever it stands.'],
      ['&A', 'Only what is in these too.'],
      ['mi*  mi?', 'Names of hosts and groups: any letters, one letter.'],
      ['mi[1:3]', 'mi1, mi2 and mi3.'],
      ['nodes[0]', 'One host of a group, counted from 0; `[-1]` is the last.'],
    ],
    notes: ['Hosts come in the order of the inventory, each once. A name that is not known is a mistake; so is a limit that leaves nobody. What a play knows of other hosts (`hosts`, `groups`) is not limited.'],
  },
  {
    name: 'tags', summary: 'Words on plays, imports, includes, blocks and steps, to walk only a part of a playbook.',
    examples: [
      { playbook: `- name: Nodes
  hosts: nodes
  tags: app                                # of all its steps
  steps:
    - file: { path: /etc/app.conf, content: "port = {{ port }}\\n" }
      tags: [config]
    - assert: { that: "{{ port > 1024 }}" }
      tags: always
    - wait-for: { port: { port: "{{ port }}" } }
      tags: [never, drill]                 # only with --tags drill
` },
      { command: 'provision run site.yaml -i prod --tags config', about: 'the file, and the assertion' },
      { command: 'provision run site.yaml -i prod --skip-tags config', about: 'all but the file and the drill' },
      { command: 'provision run site.yaml -i prod --tags app,drill', about: 'everything' },
    ],
    rows: [
      ['--tags a,b', 'Steps with one of these words, and those with `always`; `all` stands for every step that is not `never`.'],
      ['--skip-tags a,b', 'No step with one of these words; it goes over `--tags`.'],
      ['always', 'Walked with any `--tags`.'],
      ['never', 'Walked only when one of its other words, or `never`, is asked for.'],
    ],
    notes: ['Words of a play, import, include or block hold for all steps inside. Steps that are left out are not in the plan. A selection that leaves nothing is a mistake.'],
  },
  {
    name: 'vault', summary: 'Secrets of an inventory, encrypted: whole files, or single values with `!vault`.',
    examples: [
      { command: 'provision vault edit inventories/prod/vault.yaml', about: 'variables of all hosts; makes the file if there is none' },
      { command: 'provision vault encrypt inventories/prod/group_vars/nodes.yaml', about: 'a whole file, in place' },
      { command: "printf %s \"$password\" | provision vault encrypt -", about: 'one value, to stand behind `name:`' },
      { command: 'provision vault view inventories/prod/vault.yaml --vault-key-file ~/.prod.key', about: 'prints it' },
      { command: 'provision vault rekey inventories/prod/vault.yaml --new-vault-key-file new.key', about: 'another key' },
      { command: 'provision vault import group_vars/all/vault.yml --vault-password-file .vault_pass', about: 'from ansible-vault, in place' },
    ],
    rows: [
      ['--vault-key-file FILE', 'The key: a passphrase on one line, or identities as age-keygen makes them. Nobody else may read the file (chmod 600).'],
      ['PROVISION_VAULT_KEY', 'The key itself. Counts where no file is given.'],
      ['PROVISION_VAULT_KEY_FILE', 'A file with it.'],
      ['vault.key', 'Beside the inventory, where neither is given.'],
      ['the terminal', 'Else the person at the terminal is asked.'],
      ['vault.recipients', 'Beside the vault: public keys (`age1…`), one a line, of all who may open it.'],
      ['--vault-password-file FILE', 'The password of what ansible-vault has encrypted, or a program that prints it; else `ANSIBLE_VAULT_PASSWORD_FILE`.'],
    ],
    notes: ['What comes out of the vault prints as dots everywhere and never stands in the arguments of a program. Each value that is encrypted alone under a passphrase takes some 0.15 s to open: encrypt a file with many as a whole, or use an identity as the key.'],
  },
]
