import { exitCode, ProvisionError } from '../core/errors.js'
import { suggestion } from '../core/suggest.js'
import { askable } from '../facts/askable.js'
import { factKinds } from '../facts/index.js'
import { ansibleGroupSchema, ansibleVariablesSchema } from '../inventory/ansible/schema.js'
import { connectionSchema, inventorySchema } from '../inventory/schema.js'
import { modules } from '../modules/index.js'
import { playbookSchema } from '../playbook/schema.js'
import { checks } from '../playbook/template/checks.js'
import { filters } from '../playbook/template/filters.js'
import { functions } from '../playbook/template/functions.js'
import { guideInventory, guides } from '../reference/guides.js'
import type { Reference } from '../reference/manual.js'
import { manualIndex, topicText, topics } from '../reference/terminal.js'

const { playbook, play, step, import: imported, stepList } = playbookSchema(new Map()) // without modules: each has a page of its own

/** A kind of fact, and how `provision facts` is asked for it. */
const withExample = (summary: string, example: string | undefined): string => (example === undefined ? summary : `${summary} \`${example}\``)

/** All that the manual is made from. */
export const reference: Reference = {
  modules,
  formats: [
    { name: 'playbooks', summary: 'The keys of a playbook; a plain list of plays is one too.', schema: playbook },
    { name: 'plays', summary: 'The keys of a play.', schema: play, shallow: ['steps', 'handlers', 'vars'] },
    { name: 'steps', summary: 'The keys that a step may have beside its module.', schema: step, shallow: ['vars', 'with'] },
    { name: 'imports', summary: 'The keys with which a playbook imports another.', schema: imported, shallow: ['with'] },
    { name: 'step-lists', summary: 'The keys of a step list, which `include` names.', schema: stepList, shallow: ['steps', 'handlers'] },
    {
      name: 'inventory', summary: 'The keys of an inventory.', schema: inventorySchema, shallow: ['vars', 'connection'], example: guideInventory,
      notes: [
        '`-i` names an inventory under `inventories/`, a path, or hosts with commas (`-i host1,host2:2222,`). It may be given several times, with inventories of ours and of Ansible: '
        + 'hosts and groups of all are joined; of two values that one group or one host is given, the later inventory has the last word; a host goes over its groups and an inner group over an outer one, whichever inventory they stand in.',
        'Beside `hosts.yaml` lie `vault.yaml`, `group_vars/NAME.yaml` and `host_vars/NAME.yaml`. `provision docs variables` tells which value counts, `patterns` how hosts are named.',
      ],
    },
    {
      name: 'connection', summary: 'The keys of `connection:`: how hosts are reached. It may stand for all hosts, a group and a host; the nearer one wins, key by key.', schema: connectionSchema,
      example: 'connection:\n  user: deploy\n  identity: keys/prod          # left out: agent and keys as the ssh config says\n  jump: admin@bastion.example.com\n  become: { method: sudo, password: "{{ sudo_password }}" }\n',
    },
    {
      name: 'ansible-inventory', summary: 'The keys of a group in a YAML inventory of Ansible, whose top is groups by name.', schema: ansibleGroupSchema, shallow: ['children', 'vars'],
      notes: [
        'Inventories of Ansible are read as they are: INI, YAML, JSON, and executable files that answer `--list` (and `--host NAME` where that has no `_meta`) with JSON. Which of them a file is, its content tells. '
        + 'A folder is all of its files, by name, as in Ansible. Values of INI are read as Python literals and YAML as YAML 1.1, as Ansible does; a number such as `1.0`, which would lose its point, is a mistake. `{{ templates }}` stay templates, in the language of ours: `host.name` is what Ansible calls `inventory_hostname`.',
        'Beside them lie `group_vars/` and `host_vars/`: `NAME`, `NAME.yml`, `NAME.yaml`, `NAME.json`, or a folder `NAME` with several. As in Ansible they go over what inventories themselves say, those of `all` too, and later files over earlier ones. '
        + 'Two groups that disagree about a variable of a host, neither inside the other, are a mistake, as in ours; `ansible_group_priority` settles it.',
        'What `ansible-vault` has encrypted, files of variables or values, is opened with `--vault-password-file FILE` (repeat it for several; an executable file prints the password), else `ANSIBLE_VAULT_PASSWORD_FILE`, else the key of our vault where that is a passphrase. Both vaults may stand side by side; `provision vault import FILE` puts Ansible\'s under our key.',
        'What an encrypted file says of a host, user, port or key file is used and not shown.',
        '`provision inventory --list` and `--host NAME` print what `ansible-inventory` would; secrets are dots.',
      ],
    },
    { name: 'ansible-variables', summary: 'Variables in inventories of Ansible that tell how to reach a host, and what they become. Any other `ansible_…` is told as a note and stays a variable.', schema: ansibleVariablesSchema },
  ],
  guides, filters, tests: checks, functions,
  facts: [...factKinds.values()].map(({ name, summary }) => ({ name, summary: withExample(summary, askable.get(name)?.example) })).toSorted((one, other) => (one.name < other.name ? -1 : 1)),
}

/** Prints a page of the manual, or what pages there are. */
export const docs = async (name?: string): Promise<number> => {
  const text = name === undefined ? manualIndex(reference) : topicText(name, reference)
  if (text === undefined || name === '') {
    const known = topics(reference)
    throw new ProvisionError('unknown-topic', `the manual has no page "${name ?? ''}"`, {
      exit: exitCode.input, hint: `${suggestion(name ?? '', known.filter((topic) => /^\w/.test(topic))) ?? ''}\n\`provision docs\` lists all pages`.trim(),
    })
  }
  process.stdout.write(`${text}\n`)
  return exitCode.done
}
