import { z } from 'zod'

const variables = z.record(z.string(), z.unknown()).nullable().optional()

/** One group of a YAML inventory of Ansible. */
export const ansibleGroupSchema = z.strictObject({
  hosts: z.union([z.string(), z.record(z.string(), z.record(z.string(), z.unknown()).nullable())]).nullable().optional()
    .describe('The hosts of this group, each with its variables; a name may be a range, `web[01:50]`, and may give a port, `db:5432`.'),
  children: z.union([z.string(), z.record(z.string(), z.unknown())]).nullable().optional().describe('Groups whose hosts belong to this one too, each written as a group.'),
  vars: variables.describe('Variables of the hosts of this group.'),
}).nullable()
export type AnsibleGroup = z.output<typeof ansibleGroupSchema>

/** A whole YAML inventory of Ansible: groups by name. */
export const ansibleInventorySchema = z.record(z.string(), ansibleGroupSchema)

const text = (description: string) => z.string().optional().describe(description)

/** What the variables of Ansible that tell how to reach a host mean here, for the manual; `variables.ts` reads them. */
export const ansibleVariablesSchema = z.object({
  ansible_host: text('The address of the host: `address`. Also `ansible_ssh_host`.'),
  ansible_port: z.int().optional().describe('`port`. Also `ansible_ssh_port`.'),
  ansible_user: text('`user`. Also `ansible_ssh_user`.'),
  ansible_password: text('`password`. Also `ansible_ssh_pass`, `ansible_ssh_password`.'),
  ansible_connection: text('`transport`: `ssh`, `smart` and `paramiko` are ssh, `local` is local; others are told as a note.'),
  ansible_ssh_private_key_file: text('`identity`, relative to the folder that you stand in. Also `ansible_private_key_file`.'),
  ansible_ssh_private_key_passphrase: text('`passphrase`.'),
  ansible_ssh_timeout: z.number().optional().describe('`connect-timeout`. Also `ansible_timeout`.'),
  ansible_ssh_common_args: text('Options of ssh. ProxyJump, `-J`, and a ProxyCommand that is `ssh -W` become `jump`; ConnectTimeout, IdentityFile, Port, User, UserKnownHostsFile and `-F` become what they say; others are told as a note. Also `ansible_ssh_extra_args`, `ansible_ssh_args`.'),
  ansible_become_method: text('The `method` of `become`: `sudo` or `su`; others are told as a note.'),
  ansible_become_user: text('The `user` of `become`.'),
  ansible_become_password: text('The `password` of `become`. Also `ansible_become_pass`, `ansible_sudo_pass`.'),
  ansible_become: z.boolean().optional().describe('Not used, which is told as a note: plays and steps say `become`.'),
  ansible_group_priority: z.int().optional().describe('Of groups of the same depth the higher number has the last word; 1 when left out. It stands in the inventory itself.'),
})
