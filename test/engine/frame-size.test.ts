import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { isChanging, scene, watched } from '../support/doors.js'
import { play, run, settled, step } from '../support/engine.js'

const at = scene()

/** How many steps each frame held. */
const frames = async (count: number, content: string): Promise<readonly number[]> => {
  const sent: number[] = []
  const door = watched(at.door(), (script, go) => { if (isChanging(script)) sent.push(script.split('\nstep() {').length - 1); return go() })
  const names = Array.from({ length: count }, (_, index) => `f${index}`)
  const told = await run([play(names.map((name) => step(name, 'file', { path: at.at(name), content })))], [door])
  expect(settled(told).every(({ verdict }) => verdict.status === 'change')).toBe(true)
  expect(readdirSync(at.at('')).filter((name) => /^f\d+$/.test(name))).toHaveLength(count)
  return sent
}

it('takes 200 small changes into a frame', async () => { expect(await frames(201, 'x\n')).toEqual([200, 1]) }, 60_000)
it('begins another one behind a million characters', async () => { expect(await frames(21, `${'x'.repeat(49_999)}\n`)).toEqual([20, 1]) }, 60_000)
