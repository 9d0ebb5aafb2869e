import { z } from 'zod'
import { ProvisionError } from '../core/errors.js'
import { defineModule } from '../core/module.js'

export const fail = defineModule({
  name: 'fail',
  kind: 'state',
  looks: true,
  summary: 'The host fails here; with `when`, only where that holds.',
  args: z.strictObject({
    message: z.string().min(1).describe('What the reader is told.'),
    hint: z.string().min(1).optional().describe('What the reader can do about it.'),
  }),
  examples: ['fail: { message: the product needs Debian, hint: choose another host }'],
  needs: () => ({}),
  mayDisturb: () => [],
  check({ message, hint }) {
    throw new ProvisionError('failed-by-playbook', message, hint === undefined ? {} : { hint })
  },
})
