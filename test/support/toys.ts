import { z } from 'zod'
import { below, type Change } from '../../src/core/change.js'
import { sha256 } from '../../src/core/digest.js'
import { becomes, type Answers, type FactKind, type HostFact, type Needs } from '../../src/core/fact.js'
import { defineModule, type Module } from '../../src/core/module.js'
import { sh } from '../../src/core/shell.js'
import { fileAt } from '../../src/facts/file.js'
import { oneByOne } from '../../src/facts/one-by-one.js'

/** A module of a test's own, without arguments. */
export const toy = <const N extends Needs>(needs: N, check: (facts: Answers<N>) => readonly Change[], more: Partial<Pick<Module, 'kind' | 'mayDisturb' | 'name'>> = {}): Module =>
  defineModule({ name: 'toy', kind: 'state', summary: '', args: z.strictObject({}), examples: [], needs: () => needs, check: (_args, facts) => check(facts), ...more })

/** Runs a script where a path is absent; what the script does beyond making it is nobody's knowledge unless said. */
export const makes = (path: string, script: string, more: Partial<Change> = {}): Module =>
  toy({ now: fileAt(path) }, ({ now }) => (now.type === 'absent' ? [{ summary: `make ${path}`, actions: [{ do: 'exec', script }], predicts: [], disturbs: [below(path)], confirm: sh`[ -e ${path} ]`.text, ...more }] : []))

/** Always acts. */
export const acts = (script: string, more: Partial<Change> = {}): Module =>
  toy({}, () => [{ summary: 'act', actions: [{ do: 'exec', script }], predicts: [], ...more }], { kind: 'verb' })

/** Writes a text and promises it, and does something beside that it does not tell. */
export const meddles = (path: string, text: string, beside: string): Module =>
  toy({ now: fileAt(path) }, ({ now }) => (now.type === 'file' && now.content === text ? [] : [{
    summary: `write ${path}`, actions: [{ do: 'exec', script: sh`printf %s ${text} > ${path} && chmod 644 ${path} && eval ${beside}`.text }],
    predicts: [becomes(fileAt(path), { type: 'file', mode: '0644', owner: 'root', group: 'root', sha256: sha256(text), content: text })],
    disturbs: [below(path)], confirm: sh`[ -f ${path} ]`.text,
  }]))

const remote: FactKind<string> = oneByOne<string>({
  name: 'remote', summary: 'What lies in a file that all hosts share, as if far away.', beyond: true,
  script: (path) => sh`cat ${path} 2>/dev/null || echo none`,
  parse: (_path, { stdout }) => String(stdout).trim(),
})
/** A fact beyond the host. */
export const far = (path: string): HostFact<string, string> => ({ key: `remote:${path}`, kind: remote, subject: path })

const plain: FactKind<string> = oneByOne<string>({
  name: 'lamp', summary: 'What lies in a file.',
  script: (path) => sh`cat ${path} 2>/dev/null || echo none`,
  parse: (_path, { stdout }) => String(stdout).trim(),
})
/** A fact that is no file for the engine: nobody disturbs it by a path. */
export const lamp = (path: string): HostFact<string, string> => ({ key: `lamp:${path}`, kind: plain, subject: path })

/** Switches a lamp. */
export const switched = (path: string, state: 'on' | 'off', more: Partial<Change> = {}): Module =>
  toy({ now: lamp(path) }, ({ now }) => (now === state ? [] : [{
    summary: `switch ${state}`, actions: [{ do: 'exec', script: sh`echo ${state} > ${path}`.text }], predicts: [becomes(lamp(path), state)], disturbs: [], confirm: sh`grep -q ${state} ${path}`.text, ...more,
  }]))
