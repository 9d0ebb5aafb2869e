import { describe, expect, it } from 'vitest'
import { checks } from '../../src/playbook/template/checks.js'
import { filters } from '../../src/playbook/template/filters.js'
import { ansible, noAnsibleReason } from '../support/ansible.js'
import { titled } from '../support/lab.js'

/** Filters and tests that Ansible 2.14 has not, or has otherwise, and why ours are as they are. */
const ours: Readonly<Record<string, string>> = {
  'filter escape_xml': 'it is called escape there, and writes quotes by their numbers',
  'filter indent': 'Ansible doubles backslashes in expressions of playbooks, though not in those of templates; here \\n is a line end in both',
  'filter password_hash': 'as many rounds as crypt(3) and the tools of the hosts take when they are not told',
  'filter quote': 'another way to quote a quote, the same to every shell',
  'filter regex_replace': 'the backslashes again',
  'filter to_json': 'no blanks where none are needed',
  'filter to_toml': 'Ansible writes no TOML',
  'test failed': 'what a step registered has an exit code here, and a flag there',
}

const long: Readonly<Record<string, string>> = {
  ipaddr: 'ansible.utils.ipaddr', ipv4: 'ansible.utils.ipv4', ipv6: 'ansible.utils.ipv6', ipwrap: 'ansible.utils.ipwrap', in_network: 'ansible.utils.in_network',
}
/** An example in Ansible's words: full names, and lists where it gives what can be gone through once. */
const inAnsible = ({ name, example: { expression, gives } }: (typeof filters | typeof checks)[number]): string => {
  const theirs = long[name] === undefined ? expression : expression.replace(new RegExp(`(\\||is) ${name}\\b`), `$1 ${long[name]}`)
  return Array.isArray(gives) ? `((${theirs}) | list)` : `(${theirs})`
}

const reason = noAnsibleReason()

describe.skipIf(reason !== undefined)(titled('examples of the manual through Ansible', { reason }), () => {
  it('come out the same, but for those that are told', async () => {
    const all = [...filters.map((filter) => ({ kind: 'filter', ...filter })), ...checks.map((check) => ({ kind: 'test', ...check }))]
    const tasks = await ansible([{ hosts: 'localhost', connection: 'local', gather_facts: false, tasks: all.map((operation) => (
      { name: `${operation.kind} ${operation.name}`, debug: { msg: `gives {{ [${inAnsible(operation)}] | to_json }}` }, ignore_errors: true })) }], 'localhost,')
    expect(tasks.map(({ name }) => name)).toEqual(all.map(({ kind, name }) => `${kind} ${name}`))
    const apart = all.flatMap(({ kind, name, example }, index) => {
      const message = tasks[index]?.message
      const told = typeof message === 'string' && message.startsWith('gives ') ? JSON.stringify((JSON.parse(message.slice('gives '.length)) as readonly unknown[])[0]) : 'a mistake'
      return told === JSON.stringify(example.gives) ? [] : [`${kind} ${name}: ${told} for ${JSON.stringify(example.gives)}`]
    })
    expect(apart.filter((line) => ours[line.split(':')[0] ?? ''] === undefined)).toEqual([])
    expect(Object.keys(ours).filter((name) => !apart.some((line) => line.startsWith(`${name}:`))), 'the same by now').toEqual([])
  })
})
