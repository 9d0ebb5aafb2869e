import { ProvisionError } from '../core/errors.js'
import type { HostFact } from '../core/fact.js'
import { script, sh } from '../core/shell.js'
import { oneByOne } from './one-by-one.js'

/** Who keeps a host's packets out; `none` when nothing that could is installed. */
export type FirewallKeeper = 'firewalld' | 'ufw' | 'nftables' | 'none'

/** What is let in, sorted: `tcp 22`, `udp 8000-8010 from 10.0.0.0/8`; and what becomes of anything else. */
export interface Policy { readonly incoming: 'allow' | 'deny'; readonly rules: readonly string[] }

/** A firewall as it is now, and as it will be after a reboot. */
export interface FirewallState {
  readonly by: FirewallKeeper
  readonly now: Policy
  readonly kept: Policy
  /** TCP ports by which administrators come in. */
  readonly ssh: readonly number[]
}

/** Where rules for nftables are kept, and the files that systems load at boot, one of which includes it. */
export const NFT_FILE = '/etc/provision-firewall.nft'
export const NFT_CONFIG = ['/etc/sysconfig/nftables.conf', '/etc/nftables.conf'] as const
export const NFT_INCLUDE = `include "${NFT_FILE}"`

const NOT_RUNNING = 44

const kind = oneByOne<FirewallState>({
  name: 'firewall',
  summary: 'What a firewall lets in: that of firewalld if it runs, else that of ufw, else our own table of nftables.',
  script: () => script(
    sh`PATH=$PATH:/usr/sbin:/sbin; export LC_ALL=C
sshd -T 2>/dev/null | sed -n 's/^port /ssh /p'
enabled() { grep -qsi '^ENABLED=yes' /etc/ufw/ufw.conf; }
if command -v firewall-cmd >/dev/null && ! enabled && out=$(firewall-cmd --list-all 2>/dev/null); then
  printf 'by firewalld\\nnow\\n%s\\nkept\\n' "$out"
  firewall-cmd --permanent --list-all
elif command -v ufw >/dev/null; then
  echo 'by ufw'
  echo now
  ! enabled || sed -n 's/^DEFAULT_INPUT_POLICY=/policy /p' /etc/default/ufw || exit 1
  ufw show added
elif command -v firewall-cmd >/dev/null; then
  firewall-cmd --state >&2
  exit ${NOT_RUNNING}
elif command -v nft >/dev/null; then
  echo 'by nftables'
  echo now
  nft list tables >/dev/null || exit 1
  nft list table inet provision 2>/dev/null
  echo kept
  if systemctl is-enabled -q nftables && grep -qsxF ${NFT_INCLUDE} ${NFT_CONFIG}; then cat ${NFT_FILE} 2>/dev/null; fi
else echo 'by none'; fi
exit 0`),
  parse(_subject, { stdout, stderr, exit }) {
    if (exit === NOT_RUNNING) throw new ProvisionError('firewall-not-running', 'firewalld is installed, but does not run', { hint: 'put a step `service: { name: firewalld, state: started, enabled: true }` before this one', output: stderr })
    if (exit !== 0) throw new ProvisionError('not-readable', 'the rules of the firewall cannot be read', { hint: 'say `become: true` at the step or the play', output: stderr })
    const [, by = 'none'] = /^by (\S+)$/m.exec(stdout) ?? []
    const [, now = '', kept] = stdout.split(/^(?:now|kept)$/m)
    const ssh = [...stdout.matchAll(/^ssh (\d+)$/gm)].map(([, port]) => Number(port)).sort((one, other) => one - other)
    switch (by) {
      case 'firewalld': return { by, now: ofFirewalld(now), kept: ofFirewalld(kept ?? ''), ssh }
      case 'ufw': return { by, now: ofUfw(now), kept: ofUfw(now), ssh }
      case 'nftables': return { by, now: ofNft(now), kept: ofNft(kept ?? ''), ssh }
      default: return { by: 'none', now: { incoming: 'allow', rules: [] }, kept: { incoming: 'allow', rules: [] }, ssh }
    }
  },
})

/** One rule as it is compared. */
export const ruleOf = (proto: string, ports: string, source?: string): string => `${proto} ${ports}${source === undefined ? '' : ` from ${source}`}`

const sorted = (rules: readonly string[]): readonly string[] => [...new Set(rules)].sort()

/** Of the services that firewalld knows by name, the one that keeps administrators in. */
const SSH_SERVICE = /^ {2}services:.*\bssh\b/m

const ofFirewalld = (text: string): Policy => ({
  incoming: /^ {2}target: ACCEPT$/m.test(text) ? 'allow' : 'deny',
  rules: sorted([
    ...(SSH_SERVICE.test(text) ? [ruleOf('tcp', '22')] : []),
    ...[...(/^ {2}ports: (.*)$/m.exec(text)?.[1] ?? '').matchAll(/([\d-]+)\/(tcp|udp)/g)].map(([, ports = '', proto = '']) => ruleOf(proto, ports)),
    ...[...text.matchAll(/^\trule family="ipv[46]" source address="([^"]+)" port port="([\d-]+)" protocol="(tcp|udp)" accept$/gm)].map(([, source, ports = '', proto = '']) => ruleOf(proto, ports, source)),
  ]),
})

const ofUfw = (text: string): Policy => ({
  incoming: /^policy "?(DROP|REJECT)"?$/m.test(text) ? 'deny' : 'allow',
  rules: sorted([...text.matchAll(/^ufw (?:allow|limit) (?:from (\S+) to any port )?([\d:]+)(?:(?:\/| proto )(tcp|udp))?(?: comment .*)?$/gm)]
    .flatMap(([, source, ports = '', proto]) => (proto === undefined ? ['tcp', 'udp'] : [proto]).map((one) => ruleOf(one, ports.replace(':', '-'), source)))),
})

const ofNft = (text: string): Policy => ({
  incoming: /hook input .*policy drop;/.test(text) ? 'deny' : 'allow',
  rules: sorted([...text.matchAll(/^\s*(?:ip6? saddr (\S+) )?(tcp|udp) dport ([\d-]+) accept$/gm)].map(([, source, proto = '', ports = '']) => ruleOf(proto, ports, source))),
})

/** What the firewall lets in: `firewall:self`. */
export const firewallState: HostFact<FirewallState, string> = { key: 'firewall:self', kind, subject: 'self' }
export const firewallKind = kind
