import { z } from 'zod'
import { below, disturbs, every, type Change } from '../core/change.js'
import type { Claim } from '../core/claim.js'
import { sha256 } from '../core/digest.js'
import { ProvisionError } from '../core/errors.js'
import { becomes } from '../core/fact.js'
import { defineModule } from '../core/module.js'
import { reveal, type Text } from '../core/secret.js'
import { script, sh, Script } from '../core/shell.js'
import { fileAt } from '../facts/file.js'
import { identity } from '../facts/identity.js'
import { OTHERS, unit, unitKind, type UnitState } from '../facts/unit.js'
import { text } from './arguments.js'
import { file, fileClaim } from './file.js'

const FOLDER = '/etc/systemd/system'

export const systemdUnit = defineModule({
  name: 'systemd-unit',
  kind: 'state',
  summary: "A unit of systemd's has this file below /etc/systemd/system, and systemd has read it.",
  args: z.strictObject({
    name: z.string().regex(/^[A-Za-z0-9:_.\\@-]+\.(service|socket|timer|path|target)$/, 'expected a unit with its suffix, such as app.service')
      .describe('The unit with its suffix: `app.service`, or the template `app@.service`. A unit that runs goes on as it is: restart it by a handler.'),
    content: text.refine((content) => /\S/.test(reveal(content)), 'an empty unit is a masked one').describe('The whole file. systemd tries to load it before it takes its place.'),
  }),
  examples: [`systemd-unit:
  name: app.service
  content: |
    [Service]
    User=app
    ExecStart=/opt/app/bin/start
    [Install]
    WantedBy=multi-user.target`],
  needs: ({ name }) => ({ placed: fileAt(`${FOLDER}/${name}`), parent: fileAt(FOLDER), who: identity, now: unit(instanceOf(name)) }),
  mayDisturb: ({ name }) => [below(`${FOLDER}/${name}`), disturbs(unit(name)), every(unitKind)],
  claims: ({ name, content }) => [fileClaim(`${FOLDER}/${name}`, {}, sha256(reveal(content))), ...listening(name, reveal(content))],
  check({ name, content }, { placed, parent, who, now }) {
    const path = `${FOLDER}/${name}`
    if (now.load === 'masked') throw new ProvisionError('masked-unit', `${name} is masked`, { hint: `run \`systemctl unmask ${name}\` on the host, or choose another name` })
    const written = file.check({ path, state: 'present', content, validate: String(loads(name)) }, { now: placed, parent, who })
    const rewritten = written.some(({ actions }) => actions.some((action) => action.do === 'put'))
    if (rewritten) return written.map((change) => readAgain(name, change, stateOf(content, now), now.alone))
    if (!now.stale) return written
    return [...written, readAgain(name, { summary: `have systemd read ${name} again`, actions: [], predicts: [] }, { ...now, stale: false }, now.alone)]
  },
})

/** The change, and systemd reading its files again: those of other units too, which only spares them the same change. */
const readAgain = (name: string, change: Change, after: UnitState, alone: boolean | undefined): Change => ({
  ...change,
  actions: [...change.actions, { do: 'exec', script: 'systemctl daemon-reload' }],
  predicts: [...change.predicts, becomes(unit(instanceOf(name)), after)],
  disturbs: [...(change.disturbs ?? []).filter((disturbance) => disturbance !== every(unitKind)), ...(isTemplate(name) || alone !== true || after.alone !== true ? [every(unitKind)] : [])],
  confirm: script(change.confirm !== undefined && sh`${new Script(change.confirm)} || exit 1`,
    sh`[ "$(systemctl show -p NeedDaemonReload -- ${instanceOf(name)})" = NeedDaemonReload=no ]`).text,
})

/** The TCP ports that a socket unit opens, as systemd.socket(5) writes them: a port, or an address and a port. */
const listening = (unit: string, content: string): readonly Claim[] => (unit.endsWith('.socket') && !isTemplate(unit)
  ? [...content.matchAll(/^ListenStream=(?:\[?([0-9A-Fa-f.:]+?)\]?:)?(\d+)[ \t]*$/gm)].map(([, address, port]): Claim => ({ claims: 'port', unit, port: Number(port), ...(address === undefined ? {} : { address }) }))
  : [])

const isTemplate = (name: string): boolean => name.includes('@.')

/** systemd answers about instances of a template, not about the template itself. */
const instanceOf = (name: string): string => name.replace('@.', '@provision.')

/** What systemd will answer about a unit with this content; what ties it to other units may also stand in theirs. */
const stateOf = (content: Text, now: UnitState): UnitState => ({
  load: 'loaded', active: now.active, stale: false,
  file: now.file.startsWith('enabled') ? now.file : /^(WantedBy|RequiredBy|UpheldBy|Alias)=./m.test(reveal(content)) ? 'disabled' : /^Also=./m.test(reveal(content)) ? 'indirect' : 'static',
  ...(drawsOthers(reveal(content)) ? { alone: false } : now.alone === true ? { alone: true } : {}),
})

const TIES = new RegExp(`^(?:${OTHERS.join('|')})=(.*)$`, 'gm')

const drawsOthers = (content: string): boolean => /^(Also|Alias|Sockets|Unit|OnCalendar|ListenStream)=|^(Wanted|Required|Upheld)By=.*[.](service|socket|timer|path)/m.test(content)
  || [...content.matchAll(TIES)].some(([, names = '']) => names.split(/\s+/).some((name) => name !== '' && !/[.](target|slice|mount)$/.test(name)))

/** Whether systemd can load a unit with this content is asked of systemd itself, under a name of its own that is gone at once; `%s` is the file. */
const loads = (name: string): Script => {
  const suffix = `${isTemplate(name) ? '@' : ''}${name.slice(name.lastIndexOf('.'))}`
  return sh`umask 077
u=/run/systemd/system/provision-check-$$${suffix}
cp -- %s "$u" || exit 1
loaded=$(systemctl show -p LoadState -- provision-check-$$${instanceOf(suffix)})
case $loaded in *=loaded|*=not-found) s=0 ;; *) s=1; systemd-analyze verify --man=no "$u" ;; esac
rm -f -- "$u"
exit "$s"`
}
