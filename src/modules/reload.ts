import { z } from 'zod'
import { disturbs } from '../core/change.js'
import { defineModule } from '../core/module.js'
import { sh } from '../core/shell.js'
import { unit } from '../facts/unit.js'
import { requireUnit, runEffects, systemctl, unitName } from './unit-actions.js'

export const reload = defineModule({
  name: 'reload',
  kind: 'verb',
  summary: 'Have a running systemd unit read its configuration again; one that does not run will read it when it starts.',
  args: z.strictObject({ name: unitName.describe('The unit; without a suffix, a service. It must know how to reload.') }),
  examples: ['reload: { name: nginx }'],
  needs: ({ name }) => ({ now: unit(name) }),
  mayDisturb: ({ name }) => [disturbs(unit(name)), ...runEffects(true)],
  says: ({ name }) => `not reloaded, since ${name} does not run; it reads its configuration when it starts`,
  check({ name }, { now }) {
    requireUnit(name, now)
    if (!now.active) return []
    return [{
      summary: `reload ${name}`,
      actions: [{ do: 'exec', script: systemctl('reload', name).text }],
      predicts: [],
      disturbs: [disturbs(unit(name)), ...runEffects(true)],
      confirm: sh`systemctl is-active -q -- ${name}`.text,
    }]
  },
})
