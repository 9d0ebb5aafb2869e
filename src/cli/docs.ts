import { exitCode, ProvisionError } from '../core/errors.js'
import { suggestion } from '../core/suggest.js'
import { askable } from '../facts/askable.js'
import { factKinds } from '../facts/index.js'
import { inventorySchema } from '../inventory/schema.js'
import { modules } from '../modules/index.js'
import { playbookSchema } from '../playbook/schema.js'
import { checks } from '../playbook/template/checks.js'
import { filters } from '../playbook/template/filters.js'
import { functions } from '../playbook/template/functions.js'
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
    { name: 'inventory', summary: 'The keys of an inventory.', schema: inventorySchema, shallow: ['vars'] },
  ],
  filters, tests: checks, functions,
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
