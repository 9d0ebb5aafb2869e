import { z } from 'zod'
import { below, byExit } from '../core/change.js'
import { claimOf } from '../core/claim.js'
import { valueDiff } from '../core/diff.js'
import { ProvisionError } from '../core/errors.js'
import { becomes } from '../core/fact.js'
import { defineModule } from '../core/module.js'
import { script, sh } from '../core/shell.js'
import { fileAt } from '../facts/file.js'
import { identity } from '../facts/identity.js'
import { absolutePath } from './arguments.js'
import { parentOf, requireDirectory } from './file-access.js'

export const link = defineModule({
  name: 'link',
  kind: 'state',
  summary: 'A symbolic link leads to a target; it is switched at once, never missing in between.',
  args: z.strictObject({
    path: absolutePath.describe('Where the link lies.'),
    target: z.string().regex(/^[^\0\n\r\t]+$/, 'expected a path').describe("What it leads to, as written into it: absolute, or relative to the link's folder. It need not exist."),
    force: z.boolean().default(false).describe('Whether the link may take the place of a file. It never takes that of a directory.'),
  }),
  examples: ['link: { path: /opt/java, target: /opt/jdk-17.0.12 }'],
  needs: ({ path }) => ({ now: fileAt(path), parent: fileAt(parentOf(path)), who: identity }),
  mayDisturb: ({ path }) => [below(path)],
  claims: ({ path, target }) => [claimOf(`file:${path}`, { type: 'link', target })],
  check({ path, target, force }, { now, parent, who }) {
    if (now.type === 'link' && now.target === target) return []
    if (now.type === 'directory' || now.type === 'other' || (now.type === 'file' && !force)) {
      throw new ProvisionError('not-a-link', `${path} is a ${now.type === 'other' ? 'device, socket or pipe' : now.type}, not a link`, {
        hint: now.type === 'file' ? 'say `force: true` if the link may take its place' : 'choose another path, or move it away by hand',
      })
    }
    requireDirectory(parent, path)
    const fresh = path.replace(/[^/]+$/, (name) => `.${name}.provision-new`)
    return [{
      summary: `${now.type === 'absent' ? 'create' : 'switch'} link ${path}`,
      diff: valueDiff([['target', now.type === 'link' ? now.target : now.type, target]]),
      actions: [{ do: 'exec', script: script(sh`rm -f -- ${fresh}`, sh`ln -s -- ${target} ${fresh} && mv -f -T -- ${fresh} ${path}`).text }],
      predicts: [becomes(fileAt(path), { type: 'link', target, owner: who.user, group: who.group })],
      disturbs: [below(path)],
      confirm: byExit,
    }]
  },
})
