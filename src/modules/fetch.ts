import { z } from 'zod'
import { ProvisionError } from '../core/errors.js'
import { defineModule } from '../core/module.js'
import { reveal } from '../core/secret.js'
import { fileAt } from '../facts/file.js'
import { localDigest } from '../facts/local-file.js'
import { absolutePath } from './arguments.js'

export const fetch = defineModule({
  name: 'fetch',
  kind: 'state',
  summary: 'A file of the host lies on this machine too, readable for its owner alone.',
  args: z.strictObject({
    path: absolutePath.describe('The file on the host.'),
    to: z.string().min(1).describe('Where it goes on this machine, relative to where you stand; name it after the host where there are several: `logs/{{ host.name }}/app.log`.'),
    'missing-ok': z.boolean().default(false).describe('Nothing is done where the host has no such file; else that is a failure.'),
  }),
  examples: [`fetch: { path: /etc/ssl/certs/app.pem, to: 'fetched/app.pem' }`],
  needs: ({ path, to }) => ({ now: fileAt(path), here: localDigest(to) }),
  mayDisturb: () => [],
  check({ path, to, 'missing-ok': missingOk }, { now, here }) {
    if (now.type === 'absent' && missingOk) return []
    if (now.type !== 'file') throw new ProvisionError('not-a-file', `${path} is ${now.type === 'absent' ? 'not there' : `a ${now.type}`}`, { hint: 'name a file of the host' })
    if (here === reveal(now.sha256)) return []
    return [{ summary: `fetch ${path}`, actions: [{ do: 'fetch', path, to }], predicts: [], disturbs: [] }]
  },
})
