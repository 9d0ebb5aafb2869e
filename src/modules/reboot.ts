import { z } from 'zod'
import { defineModule } from '../core/module.js'

export const reboot = defineModule({
  name: 'reboot',
  kind: 'verb',
  summary: 'Start the host anew and wait until it has come up.',
  risks: () => ['restart', 'irreversible'],
  args: z.strictObject({
    timeout: z.int().min(10).max(86_400).default(600).describe('Seconds until it must be back; then the host is lost.'),
  }),
  examples: ['reboot: {}', 'reboot: { timeout: 1200 }'],
  needs: () => ({}),
  check: ({ timeout }) => [{ summary: 'reboot', actions: [{ do: 'reboot', timeout }], predicts: [] }],
})
