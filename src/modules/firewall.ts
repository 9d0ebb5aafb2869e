import { z } from 'zod'
import { disturbs } from '../core/change.js'
import { ProvisionError } from '../core/errors.js'
import { becomes } from '../core/fact.js'
import { defineModule } from '../core/module.js'
import { firewallState, ruleOf, type FirewallState, type Policy } from '../facts/firewall.js'
import { keepers, type Wish } from './firewall-keepers.js'

const isNetwork = (text: string): boolean => {
  const [address = '', length = '32'] = text.split('/')
  if (address.includes(':')) return address === new URL(`http://[${address}]/`).hostname.slice(1, -1) && length !== '128'
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  return number % 2 ** (32 - Number(length)) === 0 && !text.endsWith('/32') && !text.endsWith('/0')
}

const port = z.int().min(1).max(65535)
const range = z.string().regex(/^\d{1,5}-\d{1,5}$/, 'expected a port, or a range such as 8000-8010').refine((text) => {
  const [first = 0, last = 0] = text.split('-').map(Number)
  return first >= 1 && first < last && last <= 65535
}, 'expected a range that goes up, within 1-65535')

const args = z.strictObject({
  port: z.union([port, range]).optional().describe('The port that is let in, or a range such as `8000-8010`.'),
  proto: z.enum(['tcp', 'udp']).default('tcp').describe('The protocol of the port.'),
  source: z.union([z.cidrv4(), z.ipv4(), z.cidrv6(), z.ipv6()]).refine(isNetwork, "expected an address, or a network by its first address, in the shortest form").optional()
    .describe('The address or network that it is let in from, such as `10.0.0.0/8`. Anywhere when unset.'),
  state: z.enum(['present', 'absent']).default('present').describe('Whether there is such a rule.'),
  incoming: z.enum(['deny', 'allow']).optional().describe('Instead of a port: what becomes of everything that no rule lets in. `deny` is refused while no rule lets ssh in. Left alone when unset.'),
}).refine((rule) => (rule.port === undefined) !== (rule.incoming === undefined), { message: 'say `port`, or `incoming` alone', path: ['port'] })
  .refine((rule) => rule.incoming === undefined || (rule.source === undefined && rule.state === 'present'), { message: '`incoming` stands alone', path: ['incoming'] })
type Args = z.output<typeof args>

export const firewall = defineModule({
  name: 'firewall',
  kind: 'state',
  summary: "A port is let in, now and after a reboot, and what is not let in is refused: by whichever of firewalld, ufw and nftables the host has. With nftables, a table of our own holds the rules; those of other tables still hold.",
  risks: () => ['network'],
  args,
  examples: [
    'firewall: { port: 22 }',
    'firewall: { port: 9443, source: 10.0.0.0/8 }',
    'firewall: { incoming: deny }',
  ],
  needs: () => ({ state: firewallState }),
  mayDisturb: () => [disturbs(firewallState), ...Object.values(keepers).flatMap(({ effects }) => effects)],
  check(wanted, { state }) {
    if (state.by === 'none') throw new ProvisionError('no-firewall', 'the host has none of firewalld, ufw and nft', { hint: 'put a step `package: { name: nftables }` before this one' })
    const wish = wishOf(wanted)
    const wished: FirewallState = { ...state, now: changed(wish, state.now), kept: changed(wish, state.kept) }
    if (same(state.now, wished.now) && same(state.kept, wished.kept)) return []
    if (wanted.incoming === 'deny') requireWayIn(wished)
    const keeper = keepers[state.by]
    const after = keeper.after(wished)
    return [{
      summary: 'incoming' in wish ? `${wish.incoming} what no rule lets in` : `${wish.present ? 'let in' : 'no longer let in'} ${nameOf(wish)}`,
      diff: { lines: [{ sign: wanted.state === 'present' ? '+' : '-', text: `${state.by}: ${'incoming' in wish ? `incoming ${wish.incoming}` : nameOf(wish)}` }] },
      actions: keeper.act(wish, state, after),
      predicts: [becomes(firewallState, after)],
      disturbs: keeper.effects,
      confirm: keeper.confirm(wish).text,
    }]
  },
})

type Rule = Extract<Wish, { ports: string }>

const wishOf = ({ port: ports = '', proto, source, state, incoming }: Args): Wish => (incoming === undefined ? { ports: String(ports), proto, source, present: state === 'present' } : { incoming })

const nameOf = ({ proto, ports, source }: Rule): string => ruleOf(proto, ports, source)

const changed = (wish: Wish, policy: Policy): Policy => {
  if ('incoming' in wish) return { ...policy, incoming: wish.incoming }
  const others = policy.rules.filter((rule) => rule !== nameOf(wish))
  return { ...policy, rules: wish.present ? [...others, nameOf(wish)].sort() : others }
}

const same = (one: Policy, other: Policy): boolean => one.incoming === other.incoming && one.rules.join('\n') === other.rules.join('\n')

const lets = (rules: readonly string[], ssh: number): boolean => rules.some((rule) => {
  const [, first, last = first] = /^tcp (\d+)(?:-(\d+))?/.exec(rule) ?? []
  return first !== undefined && ssh >= Number(first) && ssh <= Number(last)
})

/** Nobody is locked out by a step that forgets the port by which it came. */
const requireWayIn = ({ now, kept, ssh }: FirewallState): void => {
  const ports = ssh.length === 0 ? [22] : ssh
  if (ports.some((one) => lets(now.rules, one) && lets(kept.rules, one))) return
  throw new ProvisionError('locks-out', `no rule lets in ssh, on port ${ports.join(' or ')}`, { hint: `put a step \`firewall: { port: ${ports.join(' or ')} }\` before this one` })
}
