import { execFileSync, spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { Script } from '../../src/core/shell.js'
import { oneByOne, type Answer } from '../../src/facts/one-by-one.js'

const kind = oneByOne<Answer>({ name: 'test', summary: '', script: (subject) => new Script(subject), parse: (_subject, answer) => answer })
const shells = [['dash'], ['bash'], ['busybox', 'sh']].filter(([program = '']) => spawnSync('which', [program]).status === 0)

describe.each(shells.map((shell) => ({ name: shell.join(' '), shell })))('on $name', ({ shell: [program = '', ...args] }) => {
  it('keeps output, errors and exit status of each subject apart', () => {
    const subjects = ['echo out; echo err >&2; exit 3', 'printf "a\\nb"; echo warned >&2', 'cat; false', "printf 'nul\\000byte'"]
    const replies = kind.split(execFileSync(program, [...args, '-c', String(kind.script(subjects))], { encoding: 'utf8' }), subjects)
    expect(replies.map((reply, index) => kind.parse(subjects[index] ?? '', reply))).toEqual([
      { stdout: 'out\n', stderr: 'err', exit: 3 },
      { stdout: 'a\nb', stderr: '', exit: 0 },
      { stdout: '', stderr: '', exit: 1 },
      { stdout: 'nul\0byte', stderr: '', exit: 0 },
    ])
  })
})
