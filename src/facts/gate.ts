import { ProvisionError } from '../core/errors.js'
import type { FactKind, HostFact } from '../core/fact.js'
import { sh, type Script } from '../core/shell.js'
import { oneByOne } from './one-by-one.js'

/** Something that comes to hold by itself, and can be waited for. */
export interface Gate {
  /** Whether it holds now. */
  readonly fact: HostFact<boolean>
  /** What is waited for, exactly. */
  readonly label: string
  /** The same in few words, for people who plan; the label when unset. */
  readonly brief?: string
  /** Exits 0 when it holds, 1 when not yet (standard output says what was seen instead), anything else when waiting cannot help. */
  readonly holds: Script
}

interface GateKind<S> extends Pick<FactKind<boolean, S>, 'name' | 'summary' | 'beyond'> {
  holds(subject: S): Script
}

/** A kind of fact that only says whether something holds: what was seen instead changes by itself, so it is no part of the answer. */
export const gateKind = <S>({ name, summary, beyond, holds }: GateKind<S>): FactKind<boolean, S> => oneByOne<boolean, S>({
  name,
  summary,
  ...(beyond === undefined ? {} : { beyond }),
  script: (subject) => sh`( ${holds(subject)}
) >/dev/null`,
  parse: (_subject, { exit, stderr }) => {
    if (exit === 0 || exit === 1) return exit === 0
    throw new ProvisionError(exit === 127 ? 'no-program' : 'not-told', `${name}: ${stderr.trim() || `the question ended with exit ${exit}`}`, {
      hint: exit === 127 ? 'install the package that it names before this step' : 'ask by hand on the host to see why',
    })
  },
})
