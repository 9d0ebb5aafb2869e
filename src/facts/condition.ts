import type { HostFact } from '../core/fact.js'
import { sh } from '../core/shell.js'
import { oneByOne } from './one-by-one.js'

/** It may look at anything, so that any change anywhere makes the answer unknown. */
const kind = oneByOne<boolean>({
  name: 'condition',
  summary: 'Whether a piece of shell exits 0; it must only look.',
  script: (text) => sh`( eval ${text} ) >/dev/null 2>&1`,
  parse: (_text, { exit }) => exit === 0,
  beyond: true,
})

/** Whether a piece of shell exits 0: `condition:test -e /etc/motd`. */
export const condition = (text: string): HostFact<boolean, string> => ({ key: `condition:${text}`, kind, subject: text })
export const conditionKind = kind
