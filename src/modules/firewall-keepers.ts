import { below, every, type Action, type Disturbance } from '../core/change.js'
import { script, sh, type Script } from '../core/shell.js'
import { NFT_CONFIG, NFT_FILE, NFT_INCLUDE, ruleOf, type FirewallKeeper, type FirewallState, type Policy } from '../facts/firewall.js'
import { sysctlKind } from '../facts/sysctl.js'
import { unitKind } from '../facts/unit.js'

/** What is asked of a firewall: a rule, or what becomes of everything else. */
export type Wish =
  | { readonly incoming: Policy['incoming'] }
  | { readonly proto: 'tcp' | 'udp'; readonly ports: string; readonly source: string | undefined; readonly present: boolean }

/** How a kind of firewall is told. */
interface Keeper {
  /** What telling it alters besides what it lets in. */
  readonly effects: readonly Disturbance[]
  /** What it lets in once it has been told. */
  after(wished: FirewallState): FirewallState
  act(wish: Wish, before: FirewallState, after: FirewallState): readonly Action[]
  confirm(wish: Wish): Script
}

const exec = (text: Script): Action => ({ do: 'exec', script: text.text })
const path = sh`PATH=$PATH:/usr/sbin:/sbin`

/** A rule as ufw takes it and shows it. */
const ufwRule = ({ ports, proto, source }: Extract<Wish, { ports: string }>): readonly string[] => {
  const colon = ports.replace('-', ':')
  return source === undefined ? ['allow', `${colon}/${proto}`] : ['allow', 'from', source, 'to', 'any', 'port', colon, 'proto', proto]
}

const ufw: Keeper = {
  // it sets kernel settings of its own when it begins
  effects: [below('/etc/ufw'), below('/etc/default/ufw'), every(sysctlKind)],
  after: (wished) => wished,
  act: (wish) => [exec(script(path, 'incoming' in wish
    ? sh`ufw default ${wish.incoming} incoming >/dev/null && ufw --force enable >/dev/null`
    : sh`ufw ${[...(wish.present ? [] : ['--force', 'delete']), ...ufwRule(wish)]} >/dev/null`))],
  confirm: (wish) => script(path, 'incoming' in wish
    ? sh`grep -qi '^ENABLED=yes' /etc/ufw/ufw.conf && grep -qE ${`^DEFAULT_INPUT_POLICY="?${wish.incoming === 'deny' ? '(DROP|REJECT)' : 'ACCEPT'}"?$`} /etc/default/ufw`
    : sh`${wish.present ? sh`` : sh`! `}ufw show added | grep -qxF ${`ufw ${ufwRule(wish).join(' ')}`}`),
}

/** A rule as firewalld takes it, behind `--add-`, `--remove-` or `--query-`. */
const firewalldRule = ({ ports, proto, source }: Extract<Wish, { ports: string }>): string => (source === undefined
  ? `port=${ports}/${proto}`
  : `rich-rule=rule family="${source.includes(':') ? 'ipv6' : 'ipv4'}" source address="${source}" port port="${ports}" protocol="${proto}" accept`)

const zone = sh`zone=$(firewall-cmd --get-default-zone) || exit 1`
const targetOf = (incoming: Policy['incoming']): string => (incoming === 'deny' ? 'default' : 'ACCEPT')

const firewalld: Keeper = {
  effects: [below('/etc/firewalld')],
  after: (wished) => wished,
  act(wish, before) {
    if ('incoming' in wish) return [exec(script(zone, sh`firewall-cmd -q --permanent --zone="$zone" --set-target=${targetOf(wish.incoming)} && firewall-cmd -q --reload`))]
    // what holds now and what is kept are two things to it, and each is mended alone
    const left = ({ rules }: Policy): boolean => rules.includes(ruleOf(wish.proto, wish.ports, wish.source)) !== wish.present
    const rule = `--${wish.present ? 'add' : 'remove'}-${firewalldRule(wish)}`
    return [exec(script(left(before.kept) && sh`firewall-cmd -q --permanent ${rule} || exit 1`, left(before.now) && sh`firewall-cmd -q ${rule} || exit 1`))]
  },
  confirm(wish) {
    if ('incoming' in wish) return script(zone, sh`[ "$(firewall-cmd --permanent --zone="$zone" --get-target)" = ${targetOf(wish.incoming)} ]`)
    const query = sh`firewall-cmd -q ${`--query-${firewalldRule(wish)}`}`
    return wish.present ? sh`${query} && ${query} --permanent` : sh`! ${query} && ! ${query} --permanent`
  },
}

const nftRule = (rule: string): string => {
  const [proto, ports, , source] = rule.split(' ')
  return `${source === undefined ? '' : `${source.includes(':') ? 'ip6' : 'ip'} saddr ${source} `}${proto} dport ${ports} accept`
}

/** ICMP by its numbers: hosts without /etc/protocols do not know its names. */
const nftTable = ({ incoming, rules }: Policy): string => `# written by provision, by the module firewall
table inet provision
delete table inet provision
table inet provision {
  chain input {
    type filter hook input priority filter; policy ${incoming === 'deny' ? 'drop' : 'accept'};
    iif "lo" accept
    ct state established,related accept
    meta l4proto { 1, 58 } accept
    udp sport 547 udp dport 546 accept
${rules.map((rule) => `    ${nftRule(rule)}\n`).join('')}  }
}
`

const nftables: Keeper = {
  effects: [below(NFT_FILE), ...NFT_CONFIG.map(below), below('/etc/systemd/system/sysinit.target.wants'), every(unitKind)],
  /** Our table is one file: it holds whatever is let in now or at the next boot, and the stricter of both. */
  after(wished) {
    const policy: Policy = {
      incoming: wished.now.incoming === 'deny' || wished.kept.incoming === 'deny' ? 'deny' : 'allow',
      rules: [...new Set([...wished.now.rules, ...wished.kept.rules])].sort(),
    }
    return { ...wished, now: policy, kept: policy }
  },
  act: (_wish, _before, after) => [
    { do: 'put', path: NFT_FILE, mode: '0600', owner: 'root', group: 'root', content: nftTable(after.now), validate: String(script(path, sh`nft -c -f "$1"`)) },
    exec(script(
      path,
      sh`nft -f ${NFT_FILE} || exit 1`,
      sh`for config in ${NFT_CONFIG}; do [ ! -e "$config" ] || break; done`,
      sh`grep -qsxF ${NFT_INCLUDE} "$config" || printf '%s\\n' ${NFT_INCLUDE} >> "$config" || exit 1`,
      sh`systemctl is-enabled -q nftables || systemctl -q enable nftables`,
    )),
  ],
  confirm: (wish) => script(path, 'incoming' in wish
    ? sh`nft list table inet provision | grep -qF ${`policy ${wish.incoming === 'deny' ? 'drop' : 'accept'};`}`
    : sh`${wish.present ? sh`` : sh`! `}nft list table inet provision | sed 's/^[[:space:]]*//' | grep -qxF ${nftRule(ruleOf(wish.proto, wish.ports, wish.source))}`),
}

/** The firewalls that can be told. */
export const keepers: Readonly<Record<Exclude<FirewallKeeper, 'none'>, Keeper>> = { firewalld, ufw, nftables }
