import { z } from 'zod'
import { defineModule } from '../core/module.js'
import { text } from './arguments.js'

export const debug = defineModule({
  name: 'debug',
  kind: 'state',
  looks: true,
  summary: 'Tells the reader something, in plans too; nothing is done.',
  args: z.strictObject({
    message: z.union([text, z.number(), z.boolean(), z.null(), z.array(z.unknown()), z.record(z.string(), z.unknown())])
      .describe('What is told: text, or any value, which is shown as JSON. Secrets are dots.'),
  }),
  examples: [`debug: { message: 'the product takes 4 GiB of memory' }`],
  needs: () => ({}),
  mayDisturb: () => [],
  says: ({ message }) => (typeof message === 'object' && message !== null && !('reveal' in message) ? JSON.stringify(message) : String(message)),
  check: () => [],
})
