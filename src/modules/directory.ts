import { z } from 'zod'
import { byExit, disturbs } from '../core/change.js'
import { claimOf } from '../core/claim.js'
import { ProvisionError } from '../core/errors.js'
import { becomes } from '../core/fact.js'
import { grant } from '../core/grant.js'
import { defineModule } from '../core/module.js'
import { sh } from '../core/shell.js'
import { fileAt } from '../facts/file.js'
import { identity } from '../facts/identity.js'
import { absolutePath, access } from './arguments.js'
import { accessOf, changeAccess, parentOf } from './file-access.js'

export const directory = defineModule({
  name: 'directory',
  kind: 'state',
  summary: 'A directory exists, with its parents.',
  args: z.strictObject({
    path: absolutePath.describe('The directory. Missing parents are made with the usual access.'),
    ...access,
  }),
  examples: [`directory: { path: /opt/app/data, owner: app, group: app, mode: '0750' }`],
  needs: ({ path }) => ({ now: fileAt(path), parent: fileAt(parentOf(path)), who: identity }),
  mayDisturb: ({ path }) => [path, ...ancestors(path)].map((at) => disturbs(fileAt(at))),
  claims: ({ path, mode, owner, group }) => [claimOf(`file:${path}`, { type: 'directory', mode, owner, group })],
  check(args, { now, parent, who }) {
    const { path } = args
    const wanted = accessOf(args, now, who, '0755')
    if (now.type === 'directory') return changeAccess(path, now, wanted)
    if (now.type === 'link') throw new ProvisionError('is-a-link', `${path} is a symbolic link to ${now.target}`, { hint: `name ${now.target} instead` })
    if (now.type !== 'absent') throw new ProvisionError('not-a-directory', `${path} is not a directory`, { hint: 'choose another path, or remove it by hand' })
    return [{
      summary: `create directory ${path}`,
      actions: [{ do: 'exec', script: sh`mkdir -p -- ${path} && ${grant(path, wanted)}`.text }],
      predicts: [becomes(fileAt(path), { type: 'directory', ...wanted })],
      disturbs: parent.type === 'absent' ? ancestors(path).map((ancestor) => disturbs(fileAt(ancestor))) : [],
      confirm: byExit,
    }]
  },
})

const ancestors = (path: string): string[] => (path === '/' ? [] : [parentOf(path), ...ancestors(parentOf(path))])
