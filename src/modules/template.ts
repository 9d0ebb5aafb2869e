import { z } from 'zod'
import { sha256 } from '../core/digest.js'
import type { Controller } from '../core/fact.js'
import { defineModule } from '../core/module.js'
import { reveal } from '../core/secret.js'
import { rendered } from '../facts/rendered.js'
import { file, fileClaim, mayAlter } from './file.js'

export const template = defineModule({
  name: 'template',
  kind: 'state',
  summary: "A file has a template's text, with this host's variables filled in.",
  args: file.args.omit({ content: true, state: true }).extend({
    src: z.string().min(1).describe('The template, by its path below `templates/` or beside the playbook.'),
  }),
  examples: [`template: { src: nginx/site.conf.njk, path: /etc/nginx/conf.d/site.conf, validate-after: nginx -t }`],
  needs: ({ src, ...args }, scope) => ({ ...file.needs({ ...args, state: 'present' }, scope), content: rendered(src, scope) }),
  mayDisturb: (args) => mayAlter(args),
  claims: ({ src, path, ...args }, scope) => {
    const text = rendered(src, scope)
    return [fileClaim(path, args, { key: text.key, read: async (controller: Controller) => sha256(reveal(await text.read(controller))) })]
  },
  check: ({ src: _src, ...args }, { content, ...facts }) => file.check({ ...args, state: 'present', content }, facts),
})
