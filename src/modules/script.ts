import { z } from 'zod'
import { everything } from '../core/change.js'
import type { LocalFact } from '../core/fact.js'
import { defineModule } from '../core/module.js'
import { Script, sh } from '../core/shell.js'
import { localText } from '../facts/local-file.js'
import { command } from './command.js'

const { chdir, creates, unless, stdin, detach } = command.args.shape

export const script = defineModule({
  name: 'script',
  kind: ({ creates: path, unless: test }) => (path === undefined && test === undefined ? 'verb' : 'state'),
  summary: 'Run a script of this machine on the host, as `command` runs shell text.',
  risks: () => ['opaque'],
  args: z.strictObject({
    src: z.string().min(1).describe('The script, relative to the playbook: text for /bin/sh, or for the interpreter that its first line names (`#!/usr/bin/env python3`), which must be on the host.'),
    args: z.array(z.union([z.string(), z.number()])).default([]).describe('Its arguments; secrets belong into `stdin`.'),
    creates, unless, chdir, stdin, detach,
  }).refine(({ creates: path, unless: test }) => path === undefined || test === undefined, { message: 'give `creates` or `unless`, not both', path: ['unless'] }),
  examples: [`script: { src: site.conf.njk, args: [--all], creates: /opt/tool/imported }`],
  needs: ({ src, args: _args, ...args }, scope): ReturnType<typeof command.needs> & { readonly text: LocalFact<string> } =>
    ({ ...command.needs({ ...args, run: ':' }, scope), text: localText(src) }),
  mayDisturb: () => [everything],
  check({ src, args: words, ...args }, { text, ...facts }) {
    const run = String(byItself(String(text), words))
    return command.check({ ...args, run }, facts).map((change) => ({ ...change, summary: change.summary.startsWith('run ') ? `run ${src.slice(-50)}` : change.summary }))
  },
})

/** A script as the kernel would start it: by the interpreter that it names, which reads it from a file, or else by the shell that is there. */
const byItself = (text: string, words: readonly (string | number)[]): Script => {
  const [, interpreter, argument] = /^#![ \t]*(\S+)(?:[ \t]+(\S.*?))?[ \t\r]*(?:\n|$)/.exec(text) ?? []
  if (interpreter === undefined || (argument === undefined && /^\/(?:usr\/)?bin\/sh$/.test(interpreter))) return sh`set -- ${words}
${new Script(text)}`
  return sh`( script=$(mktemp) || exit 1
printf %s ${text} > "$script" && ${[interpreter, ...(argument === undefined ? [] : [argument])]} "$script" ${words}; code=$?
rm -f -- "$script"; exit "$code" )`
}
