import type { Place, ProvisionError } from '../core/errors.js'
import { mistake } from './mistake.js'

/** Names that mean something of themselves in patterns and templates. */
export const reservedNames: readonly string[] = ['all', 'hosts', 'groups']

type Kind = 'host' | 'group' | 'variable'

const shapes: Readonly<Record<Kind, { readonly shape: RegExp; readonly hint: string }>> = {
  host: { shape: /^[A-Za-z0-9][A-Za-z0-9._-]*$/, hint: 'use letters, digits, ".", "_" and "-", as in a name of DNS' },
  group: { shape: /^[A-Za-z][A-Za-z0-9._-]*$/, hint: 'use letters, digits, ".", "_" and "-", and start with a letter' },
  variable: { shape: /^[A-Za-z_][A-Za-z0-9_]*$/, hint: 'use letters, digits and "_", as in node_id' },
}

/** Why a name cannot be used, if it cannot. */
export const nameMistake = (kind: Kind, name: string, at: Place): ProvisionError | undefined => {
  const { shape, hint } = shapes[kind]
  if (!shape.test(name)) {
    const better = kind === 'variable' && shape.test(name.replaceAll('-', '_')) ? `write ${name.replaceAll('-', '_')}` : hint
    return mistake('bad-name', `"${name}" cannot be the name of a ${kind}`, { at, hint: better })
  }
  if (reservedNames.includes(name)) return mistake('reserved-name', `"${name}" is a reserved name`, { at, hint: `choose another name for this ${kind}` })
  return undefined
}
