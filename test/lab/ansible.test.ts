import { readdir, readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { ansible, noAnsibleReason } from '../support/ansible.js'
import { labHosts, titled, type TestHost } from '../support/lab.js'
import { asRoot, labProject, type LabProject } from '../support/lab-project.js'

/** The same work written for Ansible and for us; one file each below test/lab/ansible. */
interface Pair {
  readonly name: string
  readonly vars: Readonly<Record<string, unknown>>
  /** Shell of root, run on both hosts first. */
  readonly before: string
  readonly ansible: readonly unknown[]
  readonly 'ansible-handlers': readonly unknown[]
  readonly provision: readonly unknown[]
  readonly 'provision-handlers': readonly unknown[]
  /** What comes out otherwise on purpose: how lines of the listing begin, and why. Each must be seen. */
  readonly differences: readonly { readonly of: string; readonly because: string }[]
}

const folder = 'test/lab/ansible'
const pairs = await Promise.all((await readdir(folder)).filter((file) => file.endsWith('.yaml')).sort().map(async (file): Promise<Pair> => {
  const data = parse(await readFile(join(folder, file), 'utf8')) as Partial<Pair> // the shape is the test's own convention
  return { vars: {}, before: ':', ansible: [], 'ansible-handlers': [], provision: [], 'provision-handlers': [], differences: [], ...data, name: basename(file, '.yaml') }
}))
const files = ['test/lab/files', `${folder}/files`]

/** All that a run is about: files with type, mode, owner, content or target; accounts; units; packages; kernel settings. A line each. */
const WRITTEN_BY_OTHERS = [
  '/run', '/proc', '/sys', '/dev', '/tmp', '/var/log', '/var/cache', '/var/lib/apt', '/var/lib/dpkg', '/var/lib/systemd', '/var/lib/sudo', '/home/deploy', '/root/.ansible', '/var/lib/provision',
  '/var/tmp/systemd-private*', '/etc/ld.so.cache', '/etc/passwd*', '/etc/group*', '/etc/shadow*', '/etc/gshadow*', '/etc/subuid*', '/etc/subgid*', // accounts and packages are listed by their own tools
  '/usr/bin', '/usr/sbin', '/usr/lib', '/usr/libexec', '/usr/share', '/usr/include',
]
const found = (what: string): string => String.raw`find / -xdev \( ${WRITTEN_BY_OTHERS.map((path) => `-path "${path}"`).join(' -o ')} \) -prune -o ${what}`
const LISTING = String.raw`
${found(String.raw`-printf '%y %p %m %u %g %l\n'`)}
${found('-type f -exec sha256sum {} +')} | sed 's/^\(\S*\)  \(.*\)/content \2 \1/'
getent passwd | sed 's/^/user /'
getent group | sed 's/^/group /'
awk -F: '{ print "password", $1, ($2 ~ /^[!*]/ ? "locked" : "set"), $5, $6, $7 }' /etc/shadow
systemctl list-unit-files --no-legend --no-pager | awk '{ print "unit-file", $1, $2 }'
systemctl list-units --all --no-legend --no-pager --plain --type=service,timer | awk '!/user@|user-runtime|provision|ssh@/ { print "unit", $1, $3, $4 }'
dpkg-query -W -f 'package ${'$'}{Package} ${'$'}{db:Status-Abbrev} ${'$'}{Version}\n'
for name in net.core.somaxconn; do echo "sysctl $name $(sysctl -n $name)"; done`

type Listing = ReadonlySet<string>
const listing = async (host: TestHost): Promise<Listing> => new Set((await asRoot(host, LISTING)).split('\n').filter((line) => line !== ''))

/** What came and what went, so that what makes two hosts two (names, keys) does not count. */
const changesBetween = (before: Listing, after: Listing): readonly string[] =>
  [...[...before].filter((line) => !after.has(line)).map((line) => `- ${line}`), ...[...after].filter((line) => !before.has(line)).map((line) => `+ ${line}`)].toSorted()

const reason = noAnsibleReason()
const lab = reason === undefined ? await labHosts(['theirs', 'ours'], 'ansible') : { hosts: [], reason }
const [theirs, ours] = lab.hosts

describe.skipIf(lab.reason !== undefined)(titled('the same work through Ansible and through us', lab), () => {
  let project: LabProject
  let inventory: string
  const reach = ['--ssh-common-args', `-F ${theirs?.sshConfig ?? ''}`, '-u', 'deploy']

  beforeAll(async () => {
    if (theirs === undefined || ours === undefined) throw new Error('the lab made no hosts')
    project = await labProject([ours])
    inventory = `${theirs.name},`
    // Ansible needs Python on the host that it works on; the other gets it too, so that both begin alike.
    await Promise.all([theirs, ours].map((host) => asRoot(host, 'DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends python3 python3-apt </dev/null >/dev/null')))
  })

  it.each(pairs.map((pair) => ({ name: pair.name, pair })))('$name', async ({ name, pair }) => {
    if (theirs === undefined || ours === undefined) throw new Error('the lab made no hosts')
    await Promise.all([theirs, ours].map((host) => asRoot(host, pair.before)))
    const before = await Promise.all([theirs, ours].map(listing))

    const sources = (await Promise.all(files.map(async (at) => (await readdir(at)).map((file) => [file, resolve(at, file)] as const)))).flat()
    const withSources = (task: unknown): unknown => JSON.parse(JSON.stringify(task), (key, value: unknown) => (key === 'src' ? sources.find(([file]) => file === value)?.[1] ?? value : value)) as unknown
    const plays = [{ hosts: 'all', become: true, gather_facts: false, vars: pair.vars, tasks: pair.ansible.map(withSources), handlers: pair['ansible-handlers'] }]
    const playbook = JSON.stringify({
      plays: [{ name, hosts: 'nodes', become: true, vars: pair.vars, steps: pair.provision.map((step, index) => ({ name: `step ${index + 1}`, ...(withSources(step) as object) })), handlers: pair['provision-handlers'] }],
    })
    // A template is found by its name, below the reader's own folder.
    const templates = await Promise.all(sources.filter(([file]) => /\.(j2|njk)$/.test(file)).map(async ([file, path]) => [`templates/${file}`, await readFile(path, 'utf8')] as const))
    const named = playbook.replaceAll(/"src":"([^"]*\/)([^"/]+\.(?:j2|njk))"/g, '"src":"$2"')
    await project.write({ [`${name}.yaml`]: named, ...Object.fromEntries(templates) })

    const [tasks, run] = await Promise.all([ansible(plays, inventory, reach), project.run(`${name}.yaml`)])
    expect(tasks.filter(({ failed }) => failed), 'failed in Ansible').toEqual([])
    expect(run.code, run.stderr + run.stdout).toBe(0)

    const after = await Promise.all([theirs, ours].map(listing))
    const [their, our] = [changesBetween(before[0] ?? new Set(), after[0] ?? new Set()), changesBetween(before[1] ?? new Set(), after[1] ?? new Set())]
    const apart = [...their.filter((line) => !our.includes(line)).map((line) => `Ansible ${line}`), ...our.filter((line) => !their.includes(line)).map((line) => `provision ${line}`)]
    const meant = ({ of }: { readonly of: string }) => (line: string): boolean => line.replace(/^\w+ [-+] /, '').startsWith(`${of} `)
    expect(apart.filter((line) => !pair.differences.some((difference) => meant(difference)(line))), 'what came out otherwise').toEqual([])
    expect(pair.differences.filter((difference) => !apart.some(meant(difference))), 'differences that are none').toEqual([])
    expect(their.length, 'something was done').toBeGreaterThan(pair.ansible.length / 2)

    const [again, second] = await Promise.all([ansible(plays, inventory, reach), project.provision(['plan', `${name}.yaml`, '-i', 'lab', '--detailed-exitcode'])])
    expect(again.filter(({ changed, failed }) => changed || failed).map((task) => task.name), 'a second run of Ansible').toEqual([])
    expect(second.code, `nothing is left to do: ${second.stdout}${second.stderr}`).toBe(0)
  })
})
