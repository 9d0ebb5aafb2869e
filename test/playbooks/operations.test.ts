import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { exitCode } from '../../src/core/errors.js'
import { folderWith } from '../inventory/files.js'
import { archiveOf, productNamed } from '../support/product-archive.js'
import { checkout } from '../support/provision.js'
import { said, type Said } from '../support/said.js'
import { zipOf } from '../support/zip.js'

/** The playbooks of operations on the Micro Integrator's cluster of the lab, before anything is connected. */
describe('operations', () => {
  let cwd = ''
  beforeAll(async () => {
    const described = productNamed('mi-4.2.0')
    cwd = await folderWith({
      '.lab/ssh_config': '', '.lab/vault.key': 'practice-lab-only\n', '.lab/addresses.yaml': 'db1: 10.1.0.1\nlb1: 10.1.0.2\nmi1: 10.1.0.3\nmi2: 10.1.0.4\n', 'inventories/lab/vault.key': 'practice-lab-only\n',
      ...Object.fromEntries(['hosts.yaml', 'vault.yaml'].map((file) => [`inventories/lab/${file}`, readFileSync(join(checkout, 'inventories/lab', file), 'utf8')])),
      'products/mi-4.2.1.yaml': readFileSync(join(checkout, 'playbooks/products/mi-4.2.0.yaml'), 'utf8').replaceAll('4.2.0', '4.2.1'),
    })
    await mkdir(join(cwd, '.lab/dist'))
    await writeFile(join(cwd, '.lab/dist', described.archive.file), archiveOf(described))
    const next = { ...described, version: '4.2.1', archive: { file: 'wso2mi-4.2.1.zip', folder: 'wso2mi-4.2.1' } }
    await writeFile(join(cwd, '.lab/dist', next.archive.file), archiveOf(next))
    await writeFile(join(cwd, '.lab/dist/mariadb-java-client.jar'), zipOf([{ name: 'META-INF/services/java.sql.Driver', content: 'org.mariadb.jdbc.Driver\n' }]))
  })
  const validate = (playbook: string, ...set: readonly string[]): Promise<Said> => said(cwd, ['validate', `operations/${playbook}`, '-i', 'lab', ...set.flatMap((one) => ['--set', one])])
  const upgrade = (from: string, to: string): Promise<Said> => validate('mi-upgrade', `from=mi-${from}`, `product=mi-${to}`, `archive=.lab/dist/wso2mi-${to}.zip`)

  it.each([
    ['mi-rolling-restart'], ['mi-update-configuration'], ['mi-renew-certificates'], ['mi-add-node', 'node=mi2'], ['mi-remove-node', 'node=mi2'], ['mi-uninstall', 'really=uninstall-mi.example.test'],
  ])('%s is right with the inventory of the lab', async (playbook, ...set) => { expect(await validate(playbook, ...set)).toMatchObject({ code: exitCode.done, stderr: '' }) })

  it('upgrades to another version, and back, and to no other', async () => {
    for (const [from, to] of [['4.2.0', '4.2.1'], ['4.2.1', '4.2.0']] as const) expect(await upgrade(from, to)).toMatchObject({ code: exitCode.done, stderr: '' })
    expect(await upgrade('4.2.0', '4.2.0')).toMatchObject({ code: exitCode.input, stderr: expect.stringContaining('both are Micro Integrator 4.2.0') })
  })

  it.each([
    ['mi-uninstall', 'without the word for it', [], '--set really=uninstall-mi.example.test'], ['mi-uninstall', 'with the word for another cluster', ['really=uninstall-other.example.test'], 'nobody has said that it is meant'],
    ['mi-remove-node', 'of who is none', ['node=mi9'], 'mi9 is not a node of the cluster'], ['mi-add-node', 'who is not in the inventory', ['node=mi9'], 'mi9 is not in the group nodes'],
  ])('%s is refused %s', async (playbook, _when, set, message) => { expect(await validate(playbook, ...set)).toMatchObject({ code: exitCode.input, stderr: expect.stringContaining(message) }) })
})

/** Those on the clusters of products on Carbon, with the inventories of their labs. */
describe.each([
  ['lab-esb', 'esb-4.9.0', ['esb1', 'esb2', 'esb3'], 'esb.example.test'], ['lab-ei', 'ei-6.1.1', ['ei1', 'ei2', 'ei3'], 'ei.example.test'], ['lab-bps', 'ei-6.1.1-business-process', ['bps1', 'bps2'], 'ei.example.test'],
] as const)('operations on %s', (inventory, product, nodes, service) => {
  let cwd = ''
  const described = productNamed(product)
  const next = `${product.replace(described.version, 'next')}`
  const dist = '.lab/dist'
  beforeAll(async () => {
    const file = readFileSync(join(checkout, `playbooks/products/${product}.yaml`), 'utf8').replaceAll(described.archive.folder, 'wso2next')
    cwd = await folderWith({
      '.lab/ssh_config': '', '.lab/vault.key': 'practice-lab-only\n', '.lab/addresses.yaml': ['db1', 'lb1', ...nodes].map((host, index) => `${host}: 10.1.0.${index + 1}\n`).join(''),
      [`inventories/${inventory}/vault.key`]: 'practice-lab-only\n', [`inventories/${inventory}/vault.yaml`]: readFileSync(join(checkout, 'inventories/lab/vault.yaml'), 'utf8'),
      [`inventories/${inventory}/hosts.yaml`]: readFileSync(join(checkout, 'inventories', inventory, 'hosts.yaml'), 'utf8'),
      [`products/${next}.yaml`]: file, [`products/${next}-with-other-tables.yaml`]: file.replace('tables: 39', 'tables: 38'),
    })
    await mkdir(join(cwd, dist))
    for (const { archive } of [described, { archive: { file: 'wso2next.zip', folder: 'wso2next' } }]) await writeFile(join(cwd, dist, archive.file), archiveOf({ ...described, archive }))
    await writeFile(join(cwd, dist, 'mariadb-java-client.jar'), zipOf([{ name: 'META-INF/services/java.sql.Driver', content: 'org.mariadb.jdbc.Driver\n' }]))
    for (const name of ['openjdk-8u402.tar.gz', 'svnkit-all-1.8.7.wso2v1.jar']) await writeFile(join(cwd, dist, name), zipOf([]))
  })
  const validate = (playbook: string, ...set: readonly string[]): Promise<Said> => said(cwd, ['validate', `operations/${playbook}`, '-i', inventory, ...set.flatMap((one) => ['--set', one])])
  const last = nodes[nodes.length - 1] ?? nodes[1]
  const upgrade = (to: string, file: string): readonly string[] => [`from=${product}`, `product=${to}`, `archive=${dist}/${file}`]

  it.each([
    ['carbon-rolling-restart'], ['carbon-update-configuration'], ['carbon-renew-certificates'], ['carbon-add-worker', `node=${last}`], ['carbon-remove-worker', `node=${last}`],
    ['carbon-upgrade', ...upgrade(next, 'wso2next.zip')], ['carbon-uninstall', `really=uninstall-${service}`],
  ])('%s is right', async (playbook, ...set) => { expect(await validate(playbook, ...set)).toMatchObject({ code: exitCode.done, stderr: '' }) })

  const refused: readonly (readonly [playbook: string, when: string, set: readonly string[], message: string])[] = [
    ['carbon-remove-worker', 'of the manager, which alone writes', [`node=${nodes[0]}`], `${nodes[0]} is not a worker of the cluster`],
    ['carbon-remove-worker', 'of a worker that others stand behind, whose registries are told by their places', [`node=${nodes[1]}`], `say local_registry: 3 at ${last}`],
    ['carbon-add-worker', 'of a worker that others stand behind', [`node=${nodes[1]}`], `${nodes[1]} stands before other workers`],
    ['carbon-add-worker', 'of who is not in the inventory', ['node=other9'], 'other9 is not in the group workers'],
    ['carbon-upgrade', 'to the version in use', upgrade(product, described.archive.file), `both are ${described.title} ${described.version}`],
    ['carbon-upgrade', 'to a version with other tables', upgrade(`${next}-with-other-tables`, 'wso2next.zip'), 'nothing here migrates them'],
    ['carbon-uninstall', 'without the word for it', [], `--set really=uninstall-${service}`],
  ]
  // they are the same for all three
  it.each(inventory === 'lab-esb' ? refused : [])('%s is refused %s', async (playbook, _when, set, message) => {
    expect(await validate(playbook, ...set)).toMatchObject({ code: exitCode.input, stderr: expect.stringContaining(message) })
  })
})

/** That on the cluster which `esb.toml` configures, on two machines and on one. */
describe.each([['lab-toml', ['ei1', 'ei2']], ['lab-toml-one-machine', ['ei1']]] as const)('operations on %s', (inventory, nodes) => {
  const validate = async (hostsFile: string): Promise<Said> => said(await folderWith({
    '.lab/ssh_config': '', '.lab/vault.key': 'practice-lab-only\n', '.lab/addresses.yaml': ['db1', 'lb1', ...nodes].map((host, index) => `${host}: 10.1.0.${index + 1}\n`).join(''),
    [`inventories/${inventory}/vault.key`]: 'practice-lab-only\n', [`inventories/${inventory}/vault.yaml`]: readFileSync(join(checkout, 'inventories/lab/vault.yaml'), 'utf8'),
    [`inventories/${inventory}/hosts.yaml`]: hostsFile,
  }), ['validate', 'operations/ei-toml-rolling-restart', '-i', inventory])
  const shipped = readFileSync(join(checkout, 'inventories', inventory, 'hosts.yaml'), 'utf8')

  it('ei-toml-rolling-restart is right', async () => { expect(await validate(shipped)).toMatchObject({ code: exitCode.done, stderr: '' }) })

  it('ei-toml-rolling-restart is refused where one node is all there is', async () => {
    const alone = shipped.replace(', { instance: two, offset: 1, cluster_port: 4001 }', '').replace('"ei[1:2]"', 'ei1')
    expect(await validate(alone)).toMatchObject({ code: exitCode.input, stderr: expect.stringContaining('there is one node alone') })
  })
})
