import { z } from 'zod'
import { disturbs, type Change, type Disturbance } from '../core/change.js'
import { claimOf } from '../core/claim.js'
import { ProvisionError } from '../core/errors.js'
import { becomes } from '../core/fact.js'
import { defineModule } from '../core/module.js'
import { sh, type Script } from '../core/shell.js'
import { unit, type UnitState } from '../facts/unit.js'
import { enableEffects, requireUnit, runEffects, systemctl, unitName } from './unit-actions.js'

export const service = defineModule({
  name: 'service',
  kind: 'state',
  summary: 'A systemd unit runs, or not, and starts at boot, or not.',
  risks: ({ state }) => (state === 'stopped' ? ['restart'] : []),
  args: z.strictObject({
    name: unitName.describe('The unit; without a suffix, a service: `nginx` is `nginx.service`.'),
    state: z.enum(['started', 'stopped']).optional().describe('Whether it runs now. Left alone when unset.'),
    enabled: z.boolean().optional().describe('Whether it starts at boot. Left alone when unset.'),
  }),
  examples: ['service: { name: nginx, state: started, enabled: true }', 'service: { name: apt-daily.timer, state: stopped, enabled: false }'],
  needs: ({ name }) => ({ now: unit(name) }),
  mayDisturb: ({ name, state, enabled }) => [
    disturbs(unit(name)), ...(state === undefined ? [] : runEffects(false)), ...(enabled === undefined ? [] : enableEffects(false)),
  ],
  claims: ({ name, state, enabled }) => [claimOf(`unit:${name}`, { state, enabled })],
  check({ name, state, enabled }, { now }) {
    // what is masked neither runs nor starts at boot
    if (now.load !== 'masked' || state === 'started' || enabled === true) requireUnit(name, now)
    const changes: Change[] = []
    let after: UnitState = now
    const change = (verb: string, script: Script, effect: Partial<UnitState>, effects: readonly Disturbance[], confirm: Script): void => {
      after = { ...after, ...effect, stale: false }
      changes.push({
        summary: `${verb} ${name}`, actions: [{ do: 'exec', script: script.text }],
        predicts: [becomes(unit(name), after)], disturbs: effects, confirm: confirm.text,
      })
    }
    const atBoot = now.file === 'enabled'
    if (enabled === true && !atBoot) {
      requireInstall(name, now)
      change('enable', sh`systemctl enable -- ${name}`, { file: 'enabled' }, enableEffects(now.alone), sh`[ "$(systemctl is-enabled -- ${name})" = enabled ]`)
    }
    if (enabled === false && (atBoot || now.file === 'enabled-runtime')) {
      change('disable', sh`systemctl disable -- ${name}`, { file: 'disabled' }, enableEffects(now.alone), sh`! systemctl is-enabled -q -- ${name}`)
    }
    if (state === 'started' && !now.active) change('start', systemctl('start', name), { active: true }, runEffects(now.alone), sh`systemctl is-active -q -- ${name}`)
    if (state === 'stopped' && now.active) change('stop', systemctl('stop', name), { active: false }, runEffects(now.alone), sh`! systemctl is-active -q -- ${name}`)
    return changes
  },
})

/** systemd can only enable a unit that says what wants it. */
const requireInstall = (name: string, { file }: UnitState): void => {
  if (['disabled', 'enabled-runtime', 'indirect', 'linked', 'linked-runtime'].includes(file)) return
  throw new ProvisionError('cannot-enable', `${name} is ${file === '' ? 'without a unit file' : file}: it does not say what shall start it at boot`, {
    hint: 'leave `enabled` unset, or give the unit an [Install] section with WantedBy=',
  })
}
