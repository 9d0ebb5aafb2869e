import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { exitCode, ProvisionError } from '../../src/core/errors.js'
import type { Step } from '../../src/core/step.js'
import { noSuchBecomeUser, type Transport } from '../../src/core/transport.js'
import { scene, watched } from '../support/doors.js'
import { plan, play, run, step, verdicts } from '../support/engine.js'
import { acts } from '../support/toys.js'

const at = scene()
const app = { user: 'app', method: 'sudo' as const }
const made = (): string => at.at('made')
/** Nobody can become `app` before he is made. */
const door = (): Transport => {
  const own = at.door()
  return watched(own, (_script, go) => go(), (become) => {
    if (become !== undefined && !existsSync(made())) throw new ProvisionError(noSuchBecomeUser, 'cannot become app', { exit: exitCode.unreachable })
    return own.session()
  })
}
const makes = (name = 'make app'): Step => step(name, acts(`touch ${made()}`, { disturbs: ['user:app'] }), {})
const asApp = (): Step => {
  const plain = step('as app', 'file', { path: at.at('of-app'), content: 'x' })
  return { ...plain, bind: (host, registered) => {
    const binding = plain.bind(host, registered)
    return 'skipped' in binding ? binding : { steps: binding.steps.map((one) => ({ ...one, become: app })) }
  } }
}
const other = (): Step => step('other', 'file', { path: at.at('other'), content: 'x' })

describe('somebody whom an earlier step makes', () => {
  it('is waited for in a plan, and acts in the run', async () => {
    const steps = [makes(), asApp(), other()]
    const planned = await plan([play(steps)], [door()])
    expect(verdicts(planned)).toEqual(['make app: change', 'as app: deferred', 'other: change'])
    expect(planned.plan.steps[1]?.verdict).toEqual({ status: 'deferred', until: 'make app' })
    expect(verdicts(await run([play(steps)], [door()], { plan: planned.plan }))).toEqual(['make app: change', 'as app: change', 'other: change'])
    expect(existsSync(at.at('of-app'))).toBe(true)
  })

  it('who is made by nobody ends the way of the host', async () => {
    for (const walk of [plan, run]) {
      const { events, fleet } = await walk([play([other(), asApp()])], [door()])
      expect(events.filter(({ type }) => type === 'host-lost')).toHaveLength(1)
      expect(fleet.get('here')?.lost).toContain('cannot become app')
    }
  })
})
