import { counted } from '../core/counted.js'
import { z } from 'zod'
import { below, every, everything, type Change, type Disturbance } from '../core/change.js'
import { valueDiff } from '../core/diff.js'
import { but } from '../core/disturbance.js'
import { becomes, type Prediction } from '../core/fact.js'
import { defineModule } from '../core/module.js'
import { script, sh, type Script } from '../core/shell.js'
import { packageOf, type PackageManager, type PackageState } from '../facts/package.js'
import { program } from '../facts/program.js'
import { unit, unitKind } from '../facts/unit.js'
import { absolutePath } from './arguments.js'
import { steady } from './steady.js'
import { unitName } from './unit-actions.js'

const packageName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9+._-]*$/, 'expected the name of a package, without version or architecture')

const brings = z.strictObject({
  programs: z.array(absolutePath).default([]).describe('Programs that are there afterwards, in a folder of PATH.'),
  units: z.array(unitName).optional().describe('Every unit that they start and enable, as packages of Debian do; none for an empty list. Any may have changed when unset.'),
})
type Brings = z.output<typeof brings>

export const packageModule = defineModule({
  name: 'package',
  kind: 'state',
  summary: 'Packages of the distribution are installed, or not.',
  args: z.strictObject({
    name: z.union([packageName, z.array(packageName).min(1)]).describe('One package or a list; a list is installed in one go. The real name, not one that several packages provide.'),
    state: z.enum(['present', 'absent']).default('present').describe('Whether they are installed. `absent` keeps their configuration files.'),
    version: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.+:~_-]*$/).optional().describe('The exact version, for one package. Any version when unset.'),
    brings: brings.optional().describe('What they are known to bring, so that a plan knows it too. It is checked once they are installed.'),
    'update-cache': z.enum(['never', 'if-needed']).default('if-needed').describe('Whether apt fetches new package lists when it cannot get a package with those it has. dnf decides by itself.'),
  }).refine(({ name, version }) => version === undefined || namesOf(name).length === 1, { message: 'a version belongs to one package', path: ['version'] })
    .refine(({ state, version }) => version === undefined || state === 'present', { message: 'what shall be absent has no version', path: ['version'] })
    .refine(({ state, brings: known }) => known === undefined || state === 'present', { message: 'what goes brings nothing', path: ['brings'] }),
  examples: [
    'package: { name: nginx }',
    'package: { name: [unzip, openjdk-17-jre-headless] }',
    'package: { name: nginx, version: 1.22.1-9+deb12u1 }',
    'package: { name: systemd-timesyncd, state: absent }',
    'package: { name: openjdk-17-jre-headless, brings: { programs: [/usr/bin/java, /usr/bin/keytool], units: [] } }',
  ],
  needs: ({ name, version }) => Object.fromEntries(namesOf(name).map((one) => [one, packageOf(one, version)])),
  mayDisturb: () => disturbed,
  check({ state, version, brings: known, 'update-cache': update }, facts) {
    const wanted = state === 'present'
    const found: readonly Found[] = Object.entries(facts)
    const left = found.filter(([, now]) => now.installed !== wanted || (wanted && version !== undefined && now.version !== version))
    const [first] = left
    if (first === undefined) return []
    const names = left.map(([one]) => one)
    const manager = managers[first[1].manager]
    return [change(wanted ? 'install' : 'remove', left, found, version, wanted ? manager.install(names, version, update === 'if-needed') : manager.remove(names), known)]
  },
})

type Found = readonly [name: string, now: PackageState]
interface Commands { readonly act: Script; readonly confirm: Script }

const change = (verb: string, left: readonly Found[], all: readonly Found[], version: string | undefined, { act, confirm }: Commands, known?: Brings): Change => {
  const list = left.map(([name]) => name).join(', ')
  const installed = verb === 'install'
  return {
    summary: `${verb} ${list.length <= 50 ? list : counted(left.length, 'package')}`,
    diff: valueDiff(left.map(([name, now]) => [name, now.installed ? now.version ?? 'installed' : 'absent', installed ? version ?? 'installed' : 'absent'])),
    actions: [{ do: 'exec', script: act.text }],
    predicts: [...all.map(([name, { manager }]) => becomes(packageOf(name, version), { manager, installed, ...(version === undefined ? {} : { version }) })), ...broughtBy(known)],
    disturbs: known?.units === undefined ? disturbed : [but(DISTURBED, every(unitKind))],
    confirm: known === undefined ? confirm.text : script(sh`${confirm} || exit 1`, isBrought(known)).text,
  }
}

const broughtBy = ({ programs = [], units = [] }: Partial<Brings> = {}): readonly Prediction[] => [
  ...programs.flatMap((path) => [becomes(program(nameOf(path)), path), becomes(program(path), path)]),
  ...units.map((name) => becomes(unit(name), { load: 'loaded', active: true, file: 'enabled', stale: false })),
]

const isBrought = ({ programs, units = [] }: Brings): Script => script(
  ...programs.map((path) => sh`[ -x ${path} ] && command -v -- ${nameOf(path)} >/dev/null || { echo ${`${path} was not brought`} >&2; exit 1; }`),
  ...units.map((name) => sh`[ "$(systemctl is-active -- ${name}) $(systemctl is-enabled -- ${name})" = 'active enabled' ] || { echo ${`${name} was not brought, started and enabled`} >&2; exit 1; }`),
)
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** Never asks, keeps configuration files as they are, restarts nothing by itself, waits for another apt. */
const apt = sh`export DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 NEEDRESTART_MODE=l LC_ALL=C
get() { apt-get -q -y -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 "$@" </dev/null; }`

const aptInstall = (names: readonly string[], version: string | undefined, update: boolean): Commands => {
  const wanted = version === undefined ? names : names.map((name) => `${name}=${version}`)
  const installed = sh`[ "$(dpkg-query -W -f '\${db:Status-Status}\\n' -- ${names} 2>/dev/null | sort -u)" = installed ]`
  const exact = sh`[ "$(dpkg-query -W -f '\${Version}' -- ${names} 2>/dev/null)" = ${version ?? ''} ]`
  return {
    act: script(
      apt,
      sh`add() { get --no-install-recommends --no-remove ${version === undefined ? [] : ['--allow-downgrades']} install "$@"; }`,
      // fetching first tells package lists that are missing or old from an installation that fails
      update && sh`add -d -- ${wanted} >/dev/null 2>&1 || get -qq update || exit 1`,
      sh`add -- ${wanted} || exit 1`,
      sh`${installed} || { echo ${`apt-get installed something else: is ${names.join(' or ')} a name that other packages provide?`} >&2; exit 1; }`,
    ),
    confirm: version === undefined ? installed : sh`${installed} && ${exact}`,
  }
}

/** Refuses to take along packages that nobody named. */
const aptRemove = (names: readonly string[]): Commands => ({
  act: script(
    apt,
    sh`plan=$(apt-get -q -s remove -- ${names}) || exit 1`,
    sh`others=$(printf '%s\\n' "$plan" | while read -r verb name _; do
  [ "$verb" = Remv ] || continue
  for one in ${names}; do [ "$name" != "$one" ] || continue 2; done
  printf ' %s' "$name"
done)`,
    sh`[ -z "$others" ] || { echo "these packages need it and would go too:$others; name them in the step if they may" >&2; exit 1; }`,
    sh`get remove -- ${names}`,
  ),
  confirm: sh`! dpkg-query -W -f '\${db:Status-Status}\\n' -- ${names} 2>/dev/null | grep -qx installed`,
})

const dnfInstall = (names: readonly string[], version: string | undefined): Commands => {
  const wanted = version === undefined ? names : names.map((name) => `${name}-${version}`)
  const confirm = sh`rpm -q -- ${wanted} >/dev/null`
  return { act: sh`export LC_ALL=C; if command -v dnf >/dev/null; then set -- dnf --setopt=install_weak_deps=False; else set -- yum; fi
"$@" -q -y install ${wanted} </dev/null`, confirm }
}

/** `rpm -e` refuses to take along packages that nobody named. */
const dnfRemove = (names: readonly string[]): Commands => ({ act: sh`LC_ALL=C rpm -e -- ${names}`, confirm: sh`! rpm -q -- ${names} | grep -qv 'is not installed$'` })

interface PackageTool {
  install(names: readonly string[], version: string | undefined, update: boolean): Commands
  remove(names: readonly string[]): Commands
}

const managers: Readonly<Record<PackageManager, PackageTool>> = { apt: { install: aptInstall, remove: aptRemove }, dnf: { install: dnfInstall, remove: dnfRemove } }

const namesOf = (name: string | readonly string[]): readonly string[] => (typeof name === 'string' ? [name] : name)

/** Folders that the Filesystem Hierarchy Standard and Debian's policy keep for the administrator: no package writes there. */
const OURS = ['/opt', '/srv', '/home', '/root', '/tmp', '/usr/local', '/etc/systemd/system', '/etc/sysctl.d', '/etc/security/limits.d', '/etc/hosts'] as const

/** A package's scripts may start units, open ports, add users; only what is known to be beyond them is spared. */
const DISTURBED = but(everything, ...steady, ...OURS.map(below))
const disturbed: readonly Disturbance[] = [DISTURBED]
