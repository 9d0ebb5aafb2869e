import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { readJournal } from '../../src/approval/journal.js'
import { exitCode } from '../../src/core/errors.js'
import { folderWith } from '../inventory/files.js'
import { provision } from '../support/provision.js'

describe('a command that takes long', () => {
  it('goes on when provision is killed, is found again by the next run, and is done once', async () => {
    const cwd = await folderWith({ 'inventories/here/hosts.yaml': 'connection: { transport: local }\nhosts: { here: {} }\n' })
    const count = join(cwd, 'count')
    const made = join(cwd, 'made')
    await writeFile(join(cwd, 'site.yaml'), `plays:\n  - name: Here\n    hosts: all\n    steps:\n      - name: import\n        command: { run: 'echo begun; echo x >> ${count}; sleep 4; echo done; touch ${made}', creates: ${made}, detach: true }\n`)
    const env = { HOME: cwd, XDG_STATE_HOME: join(cwd, 'state') }
    const killed = await provision(['run', 'site.yaml', '-i', 'here', '--yes'], { cwd, env, onStart: (child) => {
      void (async () => { while (!existsSync(count)) await sleep(50); child.kill('SIGKILL') })()
    } })
    expect(killed.code).toBeNull()
    expect(existsSync(made)).toBe(false)
    const [run = ''] = readdirSync(join(cwd, 'state/provision/runs'))
    expect(readJournal(readFileSync(join(cwd, 'state/provision/runs', run), 'utf8'), run)).toMatchObject({ predicted: [{ step: 'import', status: 'change' }], settled: [], end: undefined })
    const again = await provision(['run', 'site.yaml', '-i', 'here', '--yes', '--resume'], { cwd, env })
    expect(again.code, again.stderr).toBe(exitCode.done)
    expect(again.stderr).toContain('| begun')
    expect(again.stderr).toContain('| done')
    expect(readFileSync(count, 'utf8')).toBe('x\n')
    const third = await provision(['run', 'site.yaml', '-i', 'here', '--yes', '--resume'], { cwd, env })
    expect(third).toMatchObject({ code: exitCode.done, stderr: expect.stringContaining('there is nothing to go on with') })
  }, 60_000)
})

describe('what a run that was killed had begun', () => {
  const killedWhileAtWork = async (more: string, play = '') => {
    const cwd = await folderWith({ 'inventories/here/hosts.yaml': 'connection: { transport: local }\nhosts: { here: {} }\n' })
    const [count, made, env] = [join(cwd, 'count'), join(cwd, 'made'), { HOME: cwd, XDG_STATE_HOME: join(cwd, 'state') }]
    await writeFile(join(cwd, 'site.yaml'), `plays:\n  - name: Here\n    hosts: all\n${play}    steps:\n      - name: import\n        command: { run: 'echo x >> ${count}; sleep 3; echo said; touch ${made}', ${more.replace('MADE', made)}detach: true }\n`)
    const go = (command: 'plan' | 'run') => provision([command, 'site.yaml', '-i', 'here', ...(command === 'run' ? ['--yes'] : [])], { cwd, env })
    await provision(['run', 'site.yaml', '-i', 'here', '--yes'], { cwd, env, onStart: (child) => {
      void (async () => { while (!existsSync(count)) await sleep(50); child.kill('SIGKILL') })()
    } })
    const atWork = await go('plan')
    while (!existsSync(made)) await sleep(50)
    await sleep(1000)
    return { go, atWork, made, jobs: () => readdirSync(join(cwd, '.local/state/provision/jobs')), begun: () => readFileSync(count, 'utf8').length / 2 }
  }
  const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/.source

  it('is gone with its end where the host shows what was done, and begun anew where that is undone', async () => {
    const { go, atWork, made, jobs, begun } = await killedWhileAtWork('creates: MADE, ')
    expect(atWork.stdout).toMatch(new RegExp(`change +import — take over what was begun at ${TIME}`))
    expect(jobs()).toEqual([])
    expect((await go('run')).stderr).toContain('1 ok')
    await rm(made)
    const drifted = await go('run')
    expect([drifted.code, begun(), jobs()], drifted.stderr).toEqual([exitCode.done, 2, []])
    expect(drifted.stderr).not.toContain('begun before')
  }, 60_000)

  it('is the outcome of a verb that nobody took: plan and run say since when, and it is taken once', async () => {
    const { go, begun } = await killedWhileAtWork('', '    procedure: true\n')
    const planned = await go('plan')
    expect(planned.stdout).toMatch(new RegExp(`change +import — take over what was begun at ${TIME}`))
    const taken = await go('run')
    expect([taken.code, begun()], taken.stderr).toEqual([exitCode.done, 1])
    expect(taken.stderr).toMatch(new RegExp(`nothing is begun: it was begun before, at ${TIME}, and ended at ${TIME}; here is what it said`))
    expect(taken.stderr).toMatch(new RegExp(`import — take over what was begun at ${TIME}`))
    expect([(await go('run')).code, begun()]).toEqual([exitCode.done, 2])
  }, 60_000)
})

describe('a run', () => {
  const files = {
    'inventories/here/hosts.yaml': 'connection: { transport: local }\nhosts: { here: {} }\n',
    'site.yaml': "plays:\n  - name: Here\n    hosts: all\n    steps:\n      - { name: first, debug: { message: one } }\n      - { name: second, debug: { message: '{{ host.os.family }} {{ host.cpus > 0 }}' } }\n",
  }
  it('begins at the step that is named', async () => {
    const cwd = await folderWith(files)
    const [from, wrong] = await Promise.all([provision(['plan', 'site.yaml', '-i', 'here', '--start-at', 'second'], { cwd }), provision(['plan', 'site.yaml', '-i', 'here', '--start-at', 'secnd'], { cwd })])
    expect(from.stdout).toContain('ok        second — debian true')
    expect(from.stdout).not.toContain('first')
    expect(wrong).toMatchObject({ code: exitCode.input, stderr: 'error: no step is called "secnd" [no-such-step]\n  hint: did you mean "second"?\n' })
  })

  it('goes on with an earlier one only where there is one, and asks before each step only where somebody is there', async () => {
    const cwd = await folderWith(files)
    const env = { HOME: cwd, XDG_STATE_HOME: join(cwd, 'state') }
    expect(await provision(['run', 'site.yaml', '-i', 'here', '--yes', '--resume'], { cwd, env })).toMatchObject({ code: exitCode.input, stderr: expect.stringContaining('[nothing-to-resume]') })
    expect(await provision(['run', 'site.yaml', '-i', 'here', '--step'], { cwd, env })).toMatchObject({ code: exitCode.input, stderr: expect.stringContaining('[no-consent]') })
  })
})
