import { counted } from '../core/counted.js'
import { z } from 'zod'
import { below } from '../core/change.js'
import { becomes, type Controller } from '../core/fact.js'
import { defineModule } from '../core/module.js'
import { reveal } from '../core/secret.js'
import { sh } from '../core/shell.js'
import { fileAt } from '../facts/file.js'
import { localContent } from '../facts/local-content.js'
import { ABSENT, checkAgain, CUT_OFF, file, fileClaim, mayAlter, nowProven } from './file.js'
import { accessOf } from './file-access.js'

export const copy = defineModule({
  name: 'copy',
  kind: 'state',
  summary: 'A file of the controller lies on the host; it is sent when the checksums differ.',
  args: file.args.omit({ content: true, state: true }).extend({
    src: z.string().min(1).describe('The file on the machine that provision runs on: absolute, or relative to the playbook.'),
  }),
  examples: ['copy: { src: files/mysql-connector-j-8.4.0.jar, path: /opt/drivers/mysql-connector-j.jar, owner: app, group: app }'],
  needs: ({ src, ...args }, scope) => ({ ...file.needs({ ...args, state: 'present' }, scope), source: localContent(src) }),
  mayDisturb: (args) => mayAlter(args),
  claims: ({ src, path, ...args }) => {
    const source = localContent(src)
    return [fileClaim(path, args, { key: source.key, read: async (controller: Controller) => (await source.read(controller)).file.sha256 })]
  },
  check({ src, ...args }, { source, ...facts }) {
    if (source.text !== undefined) return file.check({ ...args, state: 'present', content: source.text }, facts)
    const { now, who, unproven = ABSENT } = facts
    const { path } = args
    const { sha256, size } = source.file
    // refuses what cannot become a file, and is all that is left to do when the content is right
    const changes = file.check({ ...args, state: 'present' }, facts)
    const isRight = now.type === 'file' && reveal(now.sha256) === sha256
    if (isRight && unproven.type === 'absent') return changes
    const wanted = accessOf(args, now, who, '0644')
    const { validate, 'validate-after': validateAfter } = args
    return [{
      summary: isRight ? checkAgain(path) : `${now.type === 'absent' ? 'create' : 'update'} ${path}`,
      diff: isRight ? CUT_OFF : { lines: [{ sign: '+', text: `${src}: ${counted(size, 'byte')}, sha256 ${sha256}` }] },
      actions: [{
        do: 'put', path, content: source.file, ...wanted,
        ...(validate === undefined ? {} : { validate: validate.replaceAll('%s', '"$1"') }),
        ...(validateAfter === undefined ? {} : { validateAfter }),
      }],
      predicts: [becomes(fileAt(path), { type: 'file', ...wanted, sha256 }), ...nowProven(path, unproven)],
      disturbs: [below(path)],
      confirm: sh`[ "$(stat -c %a:%s -- ${path})" = ${`${wanted.mode.replace(/^0+(?=.)/, '')}:${size}`} ]`.text,
    }]
  },
})
