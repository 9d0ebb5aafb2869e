import { z } from 'zod'
import { defineModule } from '../core/module.js'
import { sh } from '../core/shell.js'

export const pause = defineModule({
  name: 'pause',
  kind: 'verb',
  summary: 'Wait for a while. Where something can be looked at, `wait-for` is quicker and surer.',
  args: z.strictObject({
    seconds: z.int().min(1).max(86_400).describe('How long.'),
  }),
  examples: ['pause: { seconds: 20 }'],
  needs: () => ({}),
  mayDisturb: () => [],
  check: ({ seconds }) => [{ summary: `wait ${seconds} s`, actions: [{ do: 'exec', script: sh`sleep ${seconds}`.text }], predicts: [], disturbs: [] }],
})
