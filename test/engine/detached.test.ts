import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/core/events.js'
import { script, sh } from '../../src/core/shell.js'
import { nameOf } from '../../src/modules/detached.js'
import { scene } from '../support/doors.js'
import { play, run, settled, step, verdicts } from '../support/engine.js'

const at = scene()
const jobs = (): readonly string[] => readdirSync(at.at('home-here/.local/state/provision/jobs'))
const output = (events: readonly RunEvent[]): string => events.flatMap((event) => (event.type === 'action-output' ? [event.text] : [])).join('')
const long = (name: string, script: string, more: object = {}) => step(name, 'command', { run: script, detach: true, ...more })

describe('a command that takes long', () => {
  it('is done apart, tells what it says as it comes, reads its input, and leaves nothing behind', async () => {
    const told = await run([play([long('import', `cat; echo one; sleep 1; echo two; touch ${at.at('made')}`, { stdin: 'input\n', creates: at.at('made') })])], [at.door()])
    expect(verdicts(told)).toEqual(['import: change'])
    expect(output(told.events)).toBe('input\none\ntwo\n')
    expect(told.events.filter(({ type }) => type === 'action-output').every((event) => 'live' in event && event.live === true)).toBe(true)
    expect(jobs()).toEqual([])
  })

  it('is begun anew by a state where an earlier one ended without being taken', async () => {
    const step = long('import', `echo x >> ${at.at('count')}; echo said; touch ${at.at('made')}`, { creates: at.at('made') })
    const door = at.door()
    const folder = at.at(`home-here/.local/state/provision/jobs/${nameOf({ run: script(sh`eval ${`echo x >> ${at.at('count')}; echo said; touch ${at.at('made')}`}`) })}`)
    mkdirSync(folder, { recursive: true })
    for (const [name, text] of Object.entries({ begun: '', exit: '0\n', output: 'old\n', pid: '1\n' })) writeFileSync(join(folder, name), text)
    const told = await run([play([step])], [door])
    expect([verdicts(told), output(told.events), readFileSync(at.at('count'), 'utf8'), jobs()]).toEqual([['import: change'], 'said\n', 'x\n', []])
  })

  it('fails as it does', async () => {
    const told = await run([play([long('import', 'echo bad >&2; exit 7', { creates: at.at('no') })])], [at.door()])
    expect(settled(told)[0]?.verdict).toMatchObject({ status: 'failed', error: { code: 'action-failed', message: expect.stringContaining('exit 7'), output: 'bad' } })
  })
})
