import { ProvisionError } from '../core/errors.js'
import type { FactKind, HostFact } from '../core/fact.js'
import { sh } from '../core/shell.js'
import { oneByOne } from './one-by-one.js'

/** What a host says of itself; expressions see each under `host.NAME`. */
export type Basics = {
  /** From /etc/os-release: `{ id: debian, name: Debian GNU/Linux, version: '12', codename: bookworm, family: debian }`. */
  readonly os: { readonly id: string; readonly name: string; readonly version: string; readonly codename: string; readonly family: string }
  readonly hostname: string
  readonly kernel: string
  /** As the kernel calls it: `x86_64`. */
  readonly architecture: string
  readonly cpus: number
  /** MiB. */
  readonly memory: number
  /** MiB. */
  readonly swap: number
  /** The IPv4 address of the interface that leads out, else the first one; empty where there is none. */
  readonly address: string
  /** All addresses but loopback and link-local ones. */
  readonly addresses: readonly string[]
  /** Addresses by interface; empty where `ip` is missing. */
  readonly interfaces: Readonly<Record<string, readonly string[]>>
  /** `systemd` or the name of process 1. */
  readonly init: string
  /** `apt` or `dnf`, if one is there. */
  readonly packages: string
}

const kind: FactKind<Basics> = {
  ...oneByOne<Basics>({
    name: 'host',
    summary: 'What a host is: operating system, kernel, memory, processors, addresses.',
    script: () => sh`machine="$(uname -n) $(uname -r) $(uname -m)" || exit
echo "uname $machine"
{ [ -r /etc/os-release ] && cat /etc/os-release || cat /usr/lib/os-release; } | sed 's/^/os /'
echo "cpus $(getconf _NPROCESSORS_ONLN 2>/dev/null || nproc 2>/dev/null || grep -c ^processor /proc/cpuinfo)"
sed -n -e 's/^\\(MemTotal\\): *\\([0-9]*\\) kB/\\1 \\2/p' -e 's/^\\(SwapTotal\\): *\\([0-9]*\\) kB/\\1 \\2/p' /proc/meminfo
read -r init </proc/1/comm; echo "init $init"
command -v apt-get >/dev/null && echo 'packages apt' || { command -v dnf >/dev/null && echo 'packages dnf'; }
if command -v ip >/dev/null; then
ip -o addr show scope global | while read -r _ name family address _; do echo "address $name $family $address"; done
ip -4 route show default | while read -r _ _ _ _ name _; do echo "default $name"; done
else for address in $(hostname -I 2>/dev/null); do echo "address - inet $address"; done; fi
exit 0`,
    parse: (_subject, { stdout, stderr, exit }) => {
      if (exit !== 0) throw new ProvisionError('fact-failed', 'the host does not say what it is', { output: stderr })
      return read(stdout.split('\n').map((line) => line.split(' ')))
    },
  }),
  constant: true,
}

const read = (lines: readonly (readonly string[])[]): Basics => {
  const first = (word: string): readonly string[] => lines.find(([head]) => head === word)?.slice(1) ?? []
  const all = (word: string): readonly (readonly string[])[] => lines.filter(([head]) => head === word).map(([, ...rest]) => rest)
  const release = Object.fromEntries(all('os').flatMap((words): [string, string][] => {
    const [, name, value] = /^([A-Z_]+)=(.*)$/.exec(words.join(' ')) ?? []
    return name === undefined || value === undefined ? [] : [[name, value.replace(/^(["'])(.*)\1$/, '$2')]]
  }))
  const [hostname = '', kernel = '', architecture = ''] = first('uname')
  const addresses = all('address').map(([name = '', family = '', address = '']) => ({ name, family, address: address.replace(/\/.*/, '') }))
  const interfaces: Record<string, string[]> = {}
  for (const { name, address } of addresses) if (name !== '-') (interfaces[name] ??= []).push(address)
  const [outward] = first('default')
  const ipv4 = addresses.filter(({ family }) => family === 'inet')
  const { ID: id = '', NAME: name = '', VERSION_ID: version = '', VERSION_CODENAME: codename = '', ID_LIKE: like = '' } = release
  const kib = (word: string): number => Math.floor(Number(first(word)[0] ?? 0) / 1024)
  return {
    os: { id, name, version, codename, family: familyOf([id, ...like.split(' ')]) },
    hostname, kernel, architecture, cpus: Number(first('cpus')[0]), memory: kib('MemTotal'), swap: kib('SwapTotal'),
    address: (ipv4.find(({ name: of }) => of === outward) ?? ipv4[0])?.address ?? '',
    addresses: addresses.map(({ address }) => address), interfaces,
    init: first('init')[0] ?? '', packages: first('packages')[0] ?? '',
  }
}

const FAMILIES: Readonly<Record<string, string>> = { debian: 'debian', ubuntu: 'debian', rhel: 'redhat', fedora: 'redhat', centos: 'redhat', suse: 'suse', alpine: 'alpine', arch: 'arch' }
const familyOf = (ids: readonly string[]): string => ids.flatMap((id) => FAMILIES[id] ?? [])[0] ?? ids[0] ?? ''

/** What the host is: `host:self`. */
export const basics: HostFact<Basics, string> = { key: 'host:self', kind, subject: 'self' }

/** What expressions may ask of `host`. */
export const basicNames: readonly (keyof Basics)[] = ['os', 'hostname', 'kernel', 'architecture', 'cpus', 'memory', 'swap', 'address', 'addresses', 'interfaces', 'init', 'packages']
