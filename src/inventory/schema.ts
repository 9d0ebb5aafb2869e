import { z } from 'zod'
import { Secret } from '../core/secret.js'
import { approvalsSchema } from './approvals.js'

const text = z.string().min(1)
const secretText = z.union([text, z.instanceof(Secret)])

/** How to act as another user on a host. */
export const becomeSchema = z.strictObject({
  method: z.enum(['sudo', 'su']).optional().describe('How: `sudo` (when left out) or `su`.'),
  user: text.optional().describe('As whom; `root` when left out.'),
  password: secretText.optional().describe('The password that sudo or su asks for: a `!vault` value or a `{{ variable }}` of the vault.'),
}).describe('How to act as another user.')

/** How to reach hosts; text may hold `{{ variables }}`. */
export const connectionSchema = z.strictObject({
  transport: z.enum(['ssh', 'local']).optional().describe('`ssh` (when left out), or `local` for the machine that provision runs on.'),
  user: text.optional().describe('The user to log in as. Left out: as the ssh config says.'),
  port: z.int().min(1).max(65535).optional().describe('The SSH port. Left out: as the ssh config says, else 22.'),
  identity: secretText.optional().describe('The private key: a file, relative to this one, or the key itself as a `!vault` value.'),
  passphrase: secretText.optional().describe('What opens the private key: a `!vault` value or a `{{ variable }}` of the vault.'),
  password: secretText.optional().describe('The log-in password, where no key may be used: a `!vault` value or a `{{ variable }}` of the vault.'),
  'ssh-config': text.optional().describe('An ssh config, relative to this file. Left out: `~/.ssh/config`.'),
  'known-hosts': text.optional().describe('The file of known host keys, relative to this file. Left out: as the ssh config says.'),
  'host-keys': z.array(z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}=?$/, 'a host key is given by its fingerprint, SHA256:… as ssh-keyscan HOST | ssh-keygen -lf - prints it')).min(1).optional()
    .describe('Fingerprints (`SHA256:…`) of the host keys to accept, instead of a file of known hosts.'),
  machine: z.string().regex(/^\S+$/, 'expected a word').optional().describe('The host of the inventory on whose machine this one is another node: it is reached as that one is, they are walked one after the other, and each finds what the other has changed. Left out: a machine of its own.'),
  jump: text.optional().describe('Hosts to go through, `[user@]host[:port]`, several with commas; `none` for none.'),
  'connect-timeout': z.number().positive().optional().describe('Seconds that connecting may take.'),
  become: z.union([z.literal(false), becomeSchema]).optional().describe('How to act as another user, or `false` for not at all.'),
}).describe('How to reach the hosts. May stand for all hosts, for a group and for a host; the nearer one wins, key by key.')

const vars = z.record(z.string(), z.unknown()).nullable().optional()
const connection = connectionSchema.nullable().optional()

/** One host, or the hosts of one range. */
export const hostSchema = z.strictObject({
  address: text.optional().describe('Where the other hosts reach it, and SSH too unless the ssh config says otherwise. Left out: its name. For a range: a range as long.'),
  vars: vars.describe('Variables of this host.'),
  connection: connection,
}).nullable()

const hosts = z.record(z.string(), hostSchema).nullable().optional()

/** One group. */
export const groupSchema = z.strictObject({
  vars: vars.describe('Variables of the hosts of this group.'),
  connection: connection,
  hosts: hosts.describe('The hosts of this group by name; a name may be a range, `mi[1:3]`.'),
  groups: z.array(text).nullable().optional().describe('Groups whose hosts belong to this one too.'),
}).nullable()

/** A whole inventory file. */
export const inventorySchema = z.strictObject({
  connection: connection,
  vars: vars.describe('Variables of all hosts.'),
  'addresses-file': text.optional().describe('A file, relative to this one, with the addresses of hosts by name; for hosts whose addresses are made at start.'),
  groups: z.record(z.string(), groupSchema).nullable().optional().describe('Groups by name.'),
  hosts: hosts.describe('Hosts without a group.'),
  approvals: approvalsSchema.optional(),
}).describe('Who: hosts, their groups, and their variables.')

/** A file of variables: `vault.yaml`, `group_vars/NAME.yaml`, `host_vars/NAME.yaml`. */
export const variablesSchema = z.record(z.string(), z.unknown()).nullable().describe(
  'Variables by name; any value may be encrypted (`!vault`), and so may the whole file. Under a passphrase each encrypted value costs some 0.15 s of work '
  + 'to open, so encrypt a file with many of them as a whole, or use an age identity as the vault key, which opens each in a few milliseconds.',
)

/** A file of addresses. */
export const addressesSchema = z.record(z.string(), text).nullable().describe('Addresses by name of host.')

export type ConnectionSource = z.output<typeof connectionSchema>
export type HostSource = z.output<typeof hostSchema>
export type GroupSource = z.output<typeof groupSchema>
export type InventorySource = z.output<typeof inventorySchema>
