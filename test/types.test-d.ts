/** What must and must not compile: `tsc` fails when an expected error is missing, so nothing here is ever run. */
import { z } from 'zod'
import type { Action, Change } from '../src/core/change.js'
import { becomes, type HostFact, type Answers } from '../src/core/fact.js'
import { bind, defineModule, type Module } from '../src/core/module.js'
import type { RunEvent } from '../src/core/events.js'
import { concat, Secret, type Text } from '../src/core/secret.js'
import { sh } from '../src/core/shell.js'
import type { Verdict } from '../src/core/verdict.js'
import { fileAt } from '../src/facts/file.js'
import { identity } from '../src/facts/identity.js'
import { modules } from '../src/modules/index.js'

const secret = new Secret('hidden')

// A prediction holds what its fact answers.
becomes(fileAt('/etc/motd'), { type: 'absent' })
// @ts-expect-error: files do not answer text
becomes(fileAt('/etc/motd'), 'absent')
// @ts-expect-error: no such type of file
becomes(fileAt('/etc/motd'), { type: 'gone' })
// @ts-expect-error: a file has an owner
becomes(fileAt('/etc/motd'), { type: 'file', mode: '0644', group: 'root', sha256: '' })

// Only words go into shell text, so that each of them can be quoted.
sh`echo ${'text'} ${1} ${['a', 2]} ${sh`true`} ${secret}`
// @ts-expect-error: an object is no word
sh`echo ${{ path: '/etc/motd' }}`
// @ts-expect-error: what may be missing is no word
sh`echo ${undefined as string | undefined}`
// @ts-expect-error: neither is a truth value
sh`echo ${true}`
// @ts-expect-error: secrets do not come in lists, where they would be printed
sh`echo ${[secret]}`

// A secret is not text until it is revealed.
// @ts-expect-error: a secret is no string
export const plain: string = secret
// @ts-expect-error: text that may be secret is no string
export const joined: string = concat(['a', secret])
export const text: Text = concat(['a', secret])
// @ts-expect-error: nothing reads what it hides but `reveal()`
secret.value

// A module's arguments and facts are inferred from its schema and its needs.
const change: Change = { summary: 'do it', actions: [], predicts: [] }
const args = z.strictObject({ path: z.string(), days: z.int().default(1) })
const common = { name: 'sample', kind: 'state', summary: '', args, examples: [] } as const
export const good = defineModule({
  ...common,
  needs: ({ path }) => ({ now: fileAt(path), who: identity }),
  check: ({ days }, { now, who }) => (now.type === 'absent' && days.toFixed() === who.user ? [change] : []),
})
// @ts-expect-error: a check gives changes, not summaries
export const wrongChanges = defineModule({ ...common, needs: () => ({ now: identity }), check: () => ['do it'] })
// @ts-expect-error: a check is no promise
export const wrongPromise = defineModule({ ...common, needs: () => ({ now: identity }), check: async () => [change] })
// @ts-expect-error: the schema has no such argument
export const wrongArgument = defineModule({ ...common, needs: ({ file }) => ({ now: fileAt(file) }), check: () => [] })
// @ts-expect-error: nobody asked for this fact
export const wrongFact = defineModule({ ...common, needs: () => ({ now: identity }), check: (_args, { then }) => (then ? [change] : []) })
// @ts-expect-error: a module is a state or a verb
export const wrongKind = defineModule({ ...common, kind: 'task', needs: () => ({ now: identity }), check: () => [] })
// @ts-expect-error: actions are made with `put` or `exec`
export const wrongAction = defineModule({ ...common, needs: () => ({ now: identity }), check: () => [{ ...change, actions: [{ do: 'copy', path: '/etc/motd' }] }] })

// Generics end at `bind`: a registry holds modules of every kind.
export const registry: ReadonlyMap<string, Module> = modules
bind(good, {}, { host: 'host1', lookup: () => undefined }).needs satisfies Readonly<Record<string, unknown>>

// Answers carry the types of their facts.
export const answers: Answers<{ now: HostFact<string> }> = { now: 'text' }
// @ts-expect-error: a fact of text does not answer a number
export const wrongAnswers: Answers<{ now: HostFact<string> }> = { now: 1 }

// A new action, verdict or event breaks the build wherever they are told apart.
export const told = (action: Action): string => {
  switch (action.do) {
    case 'exec': return 'exec'
    case 'put': return 'put'
    case 'reboot': return action.do
    case 'fetch': return action.path
    case 'bring': return action.from
    default: return action satisfies never
  }
}
export const toldInPart = (action: Action): string => {
  switch (action.do) {
    case 'exec': return 'exec'
    // @ts-expect-error: `put` is left
    default: return action satisfies never
  }
}
export const judged = (verdict: Verdict): string => {
  switch (verdict.status) {
    case 'ok':
    case 'change':
    case 'deferred':
    case 'skipped': return verdict.status
    // @ts-expect-error: `failed` is left
    default: return verdict satisfies never
  }
}
// @ts-expect-error: no such event
export const event: RunEvent = { type: 'step-finished', host: 'host1' }
// @ts-expect-error: what a change does is fixed once it is made
change.summary = 'do something else'
