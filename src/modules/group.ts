import { z } from 'zod'
import { disturbs } from '../core/change.js'
import { claimOf } from '../core/claim.js'
import { ProvisionError } from '../core/errors.js'
import { becomes } from '../core/fact.js'
import { defineModule } from '../core/module.js'
import { sh } from '../core/shell.js'
import { UnknownValue } from '../core/unknown.js'
import { group as groupOf } from '../facts/group.js'
import { accountFiles, accountNumber, removalEffects } from './account-arguments.js'
import { accountName } from './arguments.js'

export const group = defineModule({
  name: 'group',
  kind: 'state',
  summary: 'A group exists, or not.',
  args: z.strictObject({
    name: accountName.describe('The group.'),
    gid: accountNumber.optional().describe('Its number. Chosen by the host when unset; the number of a group that exists is never altered.'),
    system: z.boolean().default(false).describe("Whether a new group's number is taken from those of system groups."),
    state: z.enum(['present', 'absent']).default('present').describe('Whether there is such a group.'),
  }),
  examples: ['group: { name: app, gid: 1802 }', 'group: { name: old-app, state: absent }'],
  needs: ({ name }) => ({ now: groupOf(name) }),
  mayDisturb: ({ name, state }) => [disturbs(groupOf(name)), ...(state === 'absent' ? removalEffects : accountFiles)],
  claims: ({ name, gid, state }) => [claimOf(`group:${name}`, { state, gid })],
  check({ name, gid, system, state }, { now }) {
    if (state === 'absent') {
      return now.exists ? [{
        summary: `remove group ${name}`,
        actions: [{ do: 'exec', script: sh`groupdel -- ${name}`.text }],
        predicts: [becomes(groupOf(name), { exists: false })],
        disturbs: removalEffects,
        confirm: sh`! getent group ${name} >/dev/null`.text,
      }] : []
    }
    if (now.exists) {
      if (gid === undefined || now.gid === gid) return []
      if (now.gid === undefined) throw new UnknownValue(`the host chooses the number of ${name}`)
      throw new ProvisionError('gid-differs', `the group ${name} has the number ${now.gid}, not ${gid}`, { hint: 'its files would be left behind: leave `gid` unset, or change it by hand' })
    }
    return [{
      summary: `create group ${name}`,
      actions: [{ do: 'exec', script: sh`groupadd ${system ? ['-r'] : []} ${gid === undefined ? [] : ['-g', gid]} -- ${name}`.text }],
      predicts: [becomes(groupOf(name), { exists: true, ...(gid === undefined ? {} : { gid }) })],
      disturbs: accountFiles,
      confirm: sh`getent group ${name} >/dev/null`.text,
    }]
  },
})

