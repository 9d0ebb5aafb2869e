import { oneLineEach, type FactKind, type HostFact } from '../core/fact.js'
import { ProvisionError } from '../core/errors.js'
import { sh } from '../core/shell.js'

const kind: FactKind<string | null> = {
  name: 'program',
  summary: 'Where a program lies, by its name or absolute path; nothing when there is none.',
  script: (subjects) => sh`for p in ${subjects}; do
  command -v -- "$p" || echo
done`,
  ...oneLineEach,
  parse: (_subject, reply) => (reply === '' ? null : reply),
  path: (subject, reply = '') => ({ path: subject, ...(reply === '' ? {} : { real: reply }) }),
  fromTree: (path, tree) => {
    const entry = tree.entries[path.slice(tree.root.length + 1)]
    if (entry === undefined) return null
    return entry?.type === 'file' ? (/[1357]/.test(entry.mode) ? path : null) : undefined
  },
}

/** A program of the host: `program:unzip`, or `program:/opt/java/bin/keytool`. */
export const program = (name: string): HostFact<string | null, string> => ({ key: `program:${name}`, kind, subject: name })
export const programKind = kind

/** What is needed is there, or the reader learns which package to ask for. */
export const requireProgram = (where: string | null, name: string, hint: string): void => {
  if (where === null) throw new ProvisionError('missing-program', `the host has no program ${name}`, { hint })
}
