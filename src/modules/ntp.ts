import { z } from 'zod'
import { below, disturbs, type Change } from '../core/change.js'
import { ProvisionError } from '../core/errors.js'
import { becomes, type HostFact } from '../core/fact.js'
import { defineModule } from '../core/module.js'
import type { Text } from '../core/secret.js'
import { sh } from '../core/shell.js'
import { fileAt, type FileState } from '../facts/file.js'
import { identity, type Identity } from '../facts/identity.js'
import { unit, type UnitState } from '../facts/unit.js'
import { editText, type Edit } from './edited-text.js'
import { runEffects, systemctl } from './unit-actions.js'

/** The daemons that keep a host's time: their units, files, and what a line about servers is. The first whose unit is there is told. */
const daemons = [
  { unit: 'chrony.service', path: '/etc/chrony/chrony.conf', format: 'chrony' }, // of Debian
  { unit: 'chronyd.service', path: '/etc/chrony.conf', format: 'chrony' }, // of Red Hat
  { unit: 'systemd-timesyncd.service', path: '/etc/systemd/timesyncd.conf', format: 'timesyncd' },
] as const
type Daemon = (typeof daemons)[number]

const server = z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$/, 'expected a host name or address')

const args = z.strictObject({
  servers: z.array(server).min(1).describe('The time servers, by name or address, the preferred one first.'),
  pool: z.boolean().default(false).describe('Whether each name stands for many servers, as those of pool.ntp.org do; only chrony makes a difference.'),
})
type Args = z.output<typeof args>

type NtpNeeds = Readonly<Record<`unit ${string}`, HostFact<UnitState, string>>> & Readonly<Record<`file ${string}`, HostFact<FileState, string>>> & { readonly parent: HostFact<FileState, string>; readonly who: HostFact<Identity, string> }

export const ntp = defineModule({
  name: 'ntp',
  kind: 'state',
  summary: "The time of a host comes from these servers, and from no others of its daemon's configuration file: chrony's or systemd-timesyncd's, whichever is there. It is restarted when it runs.",
  args,
  examples: ['ntp: { servers: [ntp1.example.com, ntp2.example.com] }', 'ntp: { servers: [0.debian.pool.ntp.org, 1.debian.pool.ntp.org], pool: true }'],
  needs: (): NtpNeeds => ({
    ...Object.fromEntries(daemons.map((daemon) => [`unit ${daemon.unit}` as const, unit(daemon.unit)])),
    ...Object.fromEntries(daemons.map((daemon) => [`file ${daemon.path}` as const, fileAt(daemon.path)])),
    parent: fileAt('/etc'), who: identity,
  }),
  mayDisturb: () => [...daemons.map(({ path }) => below(path)), ...daemons.map((daemon) => disturbs(unit(daemon.unit))), ...runEffects(false)],
  check(wanted, facts): readonly Change[] {
    // the name of another daemon's unit may lead to the one that is there, whose file tells it
    const found = daemons.find((daemon) => facts[`unit ${daemon.unit}`]?.load === 'loaded' && facts[`file ${daemon.path}`]?.type === 'file')
    const now = found && facts[`file ${found.path}`]
    const state = found && facts[`unit ${found.unit}`]
    if (found === undefined || now === undefined || state === undefined) {
      throw new ProvisionError('no-time-daemon', 'the host has neither chrony nor systemd-timesyncd', { hint: 'put a step `package: { name: chrony }` before this one' })
    }
    return editText(found.path, { now, parent: facts.parent, who: facts.who }, editOf(found, wanted)).map((change) => (state.active ? restarting(change, found, state) : change))
  },
})

const editOf = ({ format }: Daemon, { servers, pool }: Args): Edit => (format === 'chrony'
  ? replaced(/^\s*(server|pool|peer)\s/, servers.map((one) => `${pool ? 'pool' : 'server'} ${one} iburst`))
  : inSection(replaced(/^\s*#?\s*NTP=/, [`NTP=${servers.join(' ')}`])))

/** The lines take the place of those that match, where the first of them stood, or come at the end. */
const replaced = (match: RegExp, wanted: readonly string[]): Edit => (lines) => {
  const hits = lines.flatMap((line, index) => (match.test(line) ? [index] : []))
  const all = [...lines.keys()]
  const [first] = hits
  if (first === undefined) return [...all, ...wanted]
  if (hits.length === wanted.length && hits.every((hit, index) => lines[hit] === wanted[index])) return all
  return all.flatMap((index): readonly (number | string)[] => (index === first ? wanted : hits.includes(index) ? [] : [index]))
}

/** What came to the end of the file needs its section. */
const inSection = (edit: Edit): Edit => (lines) => {
  const edited = edit(lines)
  return lines.some((line) => line.trim() === '[Time]') ? edited : edited.flatMap((item): readonly (number | Text)[] => (typeof item === 'number' ? [item] : ['[Time]', item]))
}

/** It reads its file when it starts. */
const restarting = (change: Change, daemon: Daemon, state: UnitState): Change => ({
  ...change,
  actions: [...change.actions, { do: 'exec', script: systemctl('restart', daemon.unit).text }],
  predicts: [...change.predicts, becomes(unit(daemon.unit), { ...state, stale: false })],
  disturbs: [...(change.disturbs ?? []), ...runEffects(state.alone)],
  confirm: sh`systemctl is-active -q -- ${daemon.unit}`.text,
})
