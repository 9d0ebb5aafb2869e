import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { openProject } from '../../src/cli/project.js'
import { exitCode, ProvisionError, ProvisionErrors } from '../../src/core/errors.js'
import { Secret } from '../../src/core/secret.js'
import { encryptText } from '../../src/inventory/vault/age.js'
import { errorText } from '../../src/report/error-text.js'
import { styleOf } from '../../src/report/style.js'
import { folderWith } from '../inventory/files.js'

/** A reader's files with a mistake, and all that is said of it. */
interface Mistake {
  readonly playbook?: string
  readonly flags?: Readonly<Record<string, unknown>>
  readonly files: Readonly<Record<string, string>>
  readonly says: string
}

const folder = join(import.meta.dirname, 'mistakes')
const here = process.cwd()
afterAll(() => process.chdir(here))

const hosts = `connection: { user: deploy }
groups:
  nodes: { hosts: { mi1: {}, mi2: {} } }
vars:
  greeting: hello
`

const told = async (files: Readonly<Record<string, string>>, playbook = 'site.yaml', flags: Readonly<Record<string, unknown>> = {}): Promise<{ says: string; exit: number }> => {
  const project = await folderWith({ 'inventories/prod/hosts.yaml': hosts, ...files })
  process.chdir(project)
  const error: unknown = await openProject(playbook, { inventory: ['prod'], ...flags }).then(() => new Error('no mistake was found'), (thrown: unknown) => thrown)
  if (!(error instanceof ProvisionError || error instanceof ProvisionErrors)) throw error
  const says = `${errorText(error, styleOf(false))}\n`.replaceAll(project, 'FOLDER').replaceAll(resolve(import.meta.dirname, '../..'), 'PACKAGE')
  return { says, exit: error.exit }
}

describe('mistakes in the files are told before anything is connected', () => {
  for (const file of readdirSync(folder).sort()) {
    const { playbook, flags, files, says } = parse(readFileSync(join(folder, file), 'utf8')) as Mistake // the shape is this test's own convention
    it(file.replace('.yaml', '').replaceAll('-', ' '), async () => {
      expect(await told(files, playbook, flags)).toEqual({ says, exit: exitCode.input })
    })
  }
})

describe('the vault', () => {
  const site = `plays:
  - name: Nodes
    hosts: nodes
    steps:
      - file: { path: /etc/password, content: '{{ password }}' }
`
  const encrypted = (text: string): Promise<string> => encryptText(text, { kind: 'passphrase', passphrase: new Secret('the right key, long enough') })

  it('does not open with another key', async () => {
    expect(await told({ 'site.yaml': site, 'inventories/prod/vault.yaml': await encrypted('password: hunter2\n'), 'key': 'another key, long enough' }, 'site.yaml', { vaultKeyFile: 'key' })).toEqual({
      exit: exitCode.input,
      says: `error: the vault key does not open this vault [wrong-vault-key]
  at inventories/prod/vault.yaml:1:1
  hint: give the key that it was encrypted with; if that is this one, restore the file: its first lines were altered
`,
    })
  })

  it('does not open once it was tampered with', async () => {
    const text = await encrypted('password: hunter2\n')
    const lines = text.trimEnd().split('\n')
    const body = lines[lines.length - 2] ?? ''
    const tampered = [...lines.slice(0, -2), `${body[0] === 'A' ? 'B' : 'A'}${body.slice(1)}`, lines.at(-1), ''].join('\n')
    expect(await told({ 'site.yaml': site, 'inventories/prod/vault.yaml': tampered, 'key': 'the right key, long enough' }, 'site.yaml', { vaultKeyFile: 'key' })).toEqual({
      exit: exitCode.input,
      says: `error: the vault was altered after it was encrypted [tampered-vault]
  at inventories/prod/vault.yaml:1:1
  hint: restore it from version control or a backup, or encrypt the text again
`,
    })
  })
})
