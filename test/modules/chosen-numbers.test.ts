import { expect, it } from 'vitest'
import { bind } from '../../src/core/module.js'
import { UnknownValue } from '../../src/core/unknown.js'
import { group } from '../../src/modules/group.js'
import { user } from '../../src/modules/user.js'

const scope = { host: 'host1', lookup: () => undefined }

/** A step before makes the account and leaves its number to the host: whether another number is right only the host can tell. */
it('does not take a number that the host has yet to choose for the one that is wanted', () => {
  const asked = [
    () => bind(group, group.args.parse({ name: 'app', gid: 5124 }), scope).check({ now: { exists: true } }),
    () => bind(user, user.args.parse({ name: 'app', uid: 5123 }), scope).check({ now: { exists: true, group: 'app', comment: '', home: '/home/app', shell: '/bin/sh' }, in: ['app'], 'group app': { exists: true } }),
  ]
  for (const ask of asked) expect(ask).toThrow(UnknownValue)
})
