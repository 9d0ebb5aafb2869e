import { z } from 'zod'
import { ProvisionError } from '../core/errors.js'
import { defineModule } from '../core/module.js'

export const assert = defineModule({
  name: 'assert',
  kind: 'state',
  looks: true,
  summary: 'The host fails here, before anything later is done to it, unless something holds.',
  args: z.strictObject({
    that: z.boolean().describe('What must hold: an expression in braces, `"{{ host.memory >= 4096 }}"`; several are one with `and`.'),
    message: z.string().min(1).default('what the playbook asserts does not hold').describe('What the reader is told when it does not.'),
    hint: z.string().min(1).optional().describe('What the reader can do about it.'),
  }),
  examples: [`assert:
  that: true # an expression: "{{ host.memory >= 4096 }}"
  message: the product needs 4 GiB of memory`],
  needs: () => ({}),
  mayDisturb: () => [],
  early: true,
  check({ that, message, hint }) {
    if (!that) throw new ProvisionError('assertion-failed', message, hint === undefined ? {} : { hint })
    return []
  },
})
