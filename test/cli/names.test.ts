import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folderWith } from '../inventory/files.js'
import { provision } from '../support/provision.js'

/** The names of steps as a plan and as a run tell them, in order. */
const names = async (steps: string): Promise<{ readonly plan: readonly string[]; readonly run: readonly string[] }> => {
  const cwd = await folderWith({ 'inventories/here/hosts.yaml': 'connection: { transport: local }\nhosts: { here: {} }\n' })
  await writeFile(join(cwd, 'site.yaml'), `plays:\n  - name: Here\n    hosts: all\n    procedure: true\n    steps:\n      - { name: ask, command: { run: echo yes }, register: out }\n${steps.trimEnd().split('\n').map((line) => `      ${line}\n`).join('')}`)
  const told = async (...argv: string[]): Promise<readonly string[]> => {
    const { stdout, stderr } = await provision([...argv, 'site.yaml', '-i', 'here', '--json'], { cwd, env: { HOME: cwd, XDG_STATE_HOME: join(cwd, 'state') } })
    expect(stdout, stderr).not.toBe('')
    const { plays } = JSON.parse(stdout) as { readonly plays: readonly { readonly steps: readonly { readonly step: string }[] }[] } // the document of --json
    return plays.flatMap((play) => play.steps.map(({ step }) => step))
  }
  return { plan: await told('plan'), run: await told('run', '--yes') }
}

describe('steps have the same names in a plan and in its run', () => {
  it.each([
    ['a looped block whose steps wait', '- loop: [a, b]\n  block: [{ name: c, debug: { message: "{{ out.stdout }}" } }, { name: d, debug: { message: "{{ item }} {{ out.stdout }}" } }]\n  always: [{ name: al, debug: { message: x } }]', ['c (a)', 'd (a)', 'al (a)', 'c (b)', 'd (b)', 'al (b)']],
    ['a looped block that waits', '- loop: [a, b]\n  when: out.stdout == "yes"\n  block: [{ name: c, debug: { message: x } }]\n  always: [{ name: al, debug: { message: x } }]', ['c (a)', 'al (a)', 'c (b)', 'al (b)']],
    ['a looped block in one that waits', '- when: out.stdout == "yes"\n  block:\n    - loop: [a, b]\n      block: [{ name: c, debug: { message: x } }]', ['c (a)', 'c (b)']],
    ['a step in a looped block that is left out', '- loop: [a, b]\n  block: [{ name: c, when: out.stdout == "no", debug: { message: x } }]', ['c (a)', 'c (b)']],
    ['a looped step that waits', '- { name: c, loop: [a, b], debug: { message: "{{ out.stdout }}" } }\n- { name: "d {{ item }}", loop: [a, b], when: out.stdout == "yes", debug: { message: x } }', ['c (a)', 'c (b)', 'd a', 'd b']],
    ['a looped step without a name', '- { loop: [a, b], file: { path: "/nowhere/{{ item }}", state: "{{ \'absent\' if out.stdout else \'file\' }}" } }', ['file /nowhere/a', 'file /nowhere/b']],
    ['what may be rescued', '- loop: [a, b]\n  block: [{ name: c, debug: { message: "{{ out.stdout }}" } }]\n  rescue: [{ name: r, debug: { message: x } }]', ['c (a)', 'r (a)', 'c (b)', 'r (b)']],
  ])('%s', async (_what, steps, expected) => {
    expect(await names(steps)).toEqual({ plan: ['ask', ...expected], run: ['ask', ...expected] })
  }, 30_000)
})
