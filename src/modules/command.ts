import { z } from 'zod'
import { everything, type FileState } from '../core/change.js'
import { becomes, type HostFact } from '../core/fact.js'
import { defineModule } from '../core/module.js'
import { reveal, shown } from '../core/secret.js'
import { script, sh } from '../core/shell.js'
import { condition } from '../facts/condition.js'
import { begunBefore, type Begun } from '../facts/detached.js'
import { fileAt } from '../facts/file.js'
import { absolutePath, text } from './arguments.js'
import { detached, nameOf } from './detached.js'

export const command = defineModule({
  name: 'command',
  kind: ({ creates, unless }) => (creates === undefined && unless === undefined ? 'verb' : 'state'),
  summary: 'The escape hatch: run shell text, once if it is said how to tell that it was done.',
  risks: () => ['opaque'],
  args: z.strictObject({
    run: text.refine((value) => /\S/.test(reveal(value)), 'expected a command').describe('Text for /bin/sh; the step fails when it exits other than 0.'),
    creates: absolutePath.optional().describe('A path that the command makes; nothing is run when it is there.'),
    unless: z.string().regex(/\S/).optional().describe('Shell text that only looks; nothing is run when it exits 0, as it must afterwards.'),
    chdir: absolutePath.optional().describe("Where it runs, and `unless` too. The acting user's own directory when unset."),
    stdin: text.optional().describe('What it reads on standard input; the place for secrets. Nothing when unset.'),
    detach: z.boolean().default(false).describe('It takes long: it is done apart from the session, its output is told as it comes, and a run after one that lost the connection takes it over, and says so. A `timeout` ends only the waiting.'),
  }).refine(({ creates, unless }) => creates === undefined || unless === undefined, { message: 'give `creates` or `unless`, not both', path: ['unless'] }),
  examples: [
    'command: { run: tar -xzf /opt/dist/tool.tar.gz, chdir: /opt, creates: /opt/tool }',
    `command: { run: 'a2enmod proxy_http', unless: 'a2query -q -m proxy_http' }`,
    'command: { run: nginx -s reopen }',
    'command: { run: /opt/tool/bin/import --all, creates: /opt/tool/imported, detach: true }',
  ],
  needs: ({ creates, unless, chdir, detach }): { readonly made?: HostFact<FileState>; readonly done?: HostFact<boolean>; readonly begun?: HostFact<Readonly<Record<string, Begun>>> } => ({
    ...(detach ? { begun: begunBefore } : {}),
    ...(creates === undefined ? {} : { made: fileAt(creates) }),
    ...(unless === undefined ? {} : { done: condition(within(chdir, unless)) }),
  }),
  mayDisturb: () => [everything],
  check({ run, creates, unless, chdir, stdin, detach }, facts) {
    const { made, done, begun } = facts
    if (done === true || (made !== undefined && made.type !== 'absent')) return []
    const whole = script(chdir !== undefined && sh`cd -- ${chdir} || exit 1`, sh`eval ${run}`)
    const isState = made !== undefined || done !== undefined
    const name = nameOf({ run: whole, stdin })
    const { [name]: before, ...others } = begun ?? {}
    // what ended before the host was looked at did not bring about what is missing now; of a verb it is the outcome
    const isOld = before !== undefined && isState && !before.isRunning
    return [{
      summary: before === undefined || isOld ? `run ${shortened(shown(run))}` : `take over what was begun at ${before.at}`,
      ...(detach
        ? { live: true as const, actions: [{ do: 'exec' as const, script: detached({ run: whole, stdin }, { isForgotten: isState, old: isOld ? before.at : undefined }).text }] }
        : { actions: [{ do: 'exec' as const, script: whole.text, ...(stdin === undefined ? {} : { stdin }) }] }),
      predicts: [...(unless === undefined ? [] : [becomes(condition(within(chdir, unless)), true)]), ...(begun === undefined ? [] : [becomes(begunBefore, others)])],
      ...(creates === undefined ? {} : { confirm: sh`[ -e ${creates} ] || [ -h ${creates} ]`.text }),
      ...(unless === undefined ? {} : { confirm: sh`( eval ${within(chdir, unless)} ) >/dev/null 2>&1`.text }),
    }]
  },
})

const within = (chdir: string | undefined, shell: string): string => (chdir === undefined ? shell : String(sh`cd -- ${chdir} && eval ${shell}`))

const shortened = (run: string): string => {
  const [first = '', ...more] = run.trim().split('\n')
  return first.length > 55 || more.length > 0 ? `${first.slice(0, 55)}…` : first
}
