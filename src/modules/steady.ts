import { disturbs, every, type Disturbance } from '../core/change.js'
import { today } from '../facts/clock.js'
import { fileAt } from '../facts/file.js'
import { identity } from '../facts/identity.js'

/** What neither an installed package nor a started unit alters: who acts, the day, and the folders that every host has (dpkg and rpm leave their mode and owner). */
export const steady: readonly Disturbance[] = [
  disturbs(identity), every(today.kind), 'os:*',
  ...['/', '/etc', '/home', '/opt', '/srv', '/usr', '/var', '/var/lib', '/var/log'].map((path) => disturbs(fileAt(path))),
]
