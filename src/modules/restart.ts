import { z } from 'zod'
import { disturbs } from '../core/change.js'
import { becomes } from '../core/fact.js'
import { defineModule } from '../core/module.js'
import { sh } from '../core/shell.js'
import { unit } from '../facts/unit.js'
import { requireUnit, runEffects, systemctl, unitName } from './unit-actions.js'

export const restart = defineModule({
  name: 'restart',
  kind: 'verb',
  summary: 'Restart a systemd unit, or start it.',
  risks: () => ['restart'],
  args: z.strictObject({
    name: unitName.describe('The unit; without a suffix, a service.'),
    'only-running': z.boolean().default(false).describe('Leave it stopped when it does not run.'),
  }),
  examples: ['restart: { name: nginx }', 'restart: { name: app, only-running: true }'],
  needs: ({ name }) => ({ now: unit(name) }),
  mayDisturb: ({ name }) => [disturbs(unit(name)), ...runEffects(false)],
  says: ({ name }) => `not restarted, since ${name} does not run; starting it is left to the step that does`,
  check({ name, 'only-running': onlyRunning }, { now }) {
    requireUnit(name, now)
    if (onlyRunning && !now.active) return []
    return [{
      summary: `restart ${name}`,
      actions: [{ do: 'exec', script: systemctl('restart', name).text }],
      predicts: [becomes(unit(name), { ...now, active: true, stale: false })],
      disturbs: runEffects(now.alone),
      confirm: sh`systemctl is-active -q -- ${name}`.text,
    }]
  },
})
