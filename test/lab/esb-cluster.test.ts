import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { clientsOf, questionsFor } from '../support/clients.js'
import { asRoot } from '../support/lab-project.js'
import { labHosts, noHostsReason, titled, type TestHost } from '../support/lab.js'
import { preparePractice } from '../support/practice.js'
import { provision, type Told } from '../support/provision.js'

const checkout = resolve(import.meta.dirname, '../..')
const axis2 = '/opt/wso2/wso2esb-4.9.0/repository/conf/axis2/axis2.xml'
interface Document { readonly hosts: Readonly<Record<string, { readonly changed: number; readonly failed: number }>>; readonly plays: readonly { readonly steps: readonly { readonly host: string; readonly step: string; readonly module: string; readonly verdict: { readonly status: string } }[] }[] }

const reason = await noHostsReason()
describe.skipIf(reason !== undefined)(titled('a manager and two workers of ESB 4.9.0', { reason }), () => {
  let directory = ''
  let hosts: readonly TestHost[] = []
  const run = (...more: readonly string[]): Promise<Told> => provision(['run', 'esb-cluster', '-i', 'lab-esb', '--yes', '--json', ...more], { cwd: directory })
  const documentOf = ({ stdout }: Told): Document => JSON.parse(stdout) as Document // written by our own reporter
  const changed = (told: Told): readonly string[] => documentOf(told).plays.flatMap(({ steps }) => steps)
    .filter(({ verdict, module }) => verdict.status === 'change' && module !== 'wait-for').map(({ host, step }) => `${host}: ${step}`)
  const hostNamed = (name: string): TestHost => {
    const host = hosts.find((one) => one.name === name)
    if (host === undefined) throw new RangeError(`no host ${name}`)
    return host
  }
  const root = (name: string, script: string): Promise<string> => asRoot(hostNamed(name), script)

  beforeAll(async () => {
    const { lab, reason: none, hosts: made } = await labHosts(['db1', 'lb1', 'esb1', 'esb2', 'esb3'], 'esb')
    if (lab === undefined) throw new Error(none ?? 'no lab')
    directory = lab.directory
    hosts = made
    await preparePractice(directory, lab.drivers)
    await promisify(execFile)('bash', [join(checkout, 'test/support/standin-carbon/build.sh'), join(directory, '.lab/dist')])
    const inventory = join(directory, 'inventories/lab-esb')
    await mkdir(inventory, { recursive: true })
    await cp(join(checkout, 'inventories/lab-esb/hosts.yaml'), join(inventory, 'hosts.yaml'))
    for (const [name, target] of [['vault.yaml', '../lab/vault.yaml'], ['vault.key', '../../.lab/vault.key']] as const) await symlink(target, join(inventory, name))
  }, 600_000)

  it('comes up from empty hosts, and is proven', async () => {
    const told = await run()
    expect(told.stderr).not.toContain('failed:')
    expect(told.code).toBe(0)
  }, 400_000)

  it('has nothing to do the second time', async () => {
    const told = await run()
    expect([told.code, changed(told)]).toEqual([0, []])
  })

  it('is mended where something drifted, and nowhere else', async () => {
    await root('esb2', `sed -i 's/>wka</>multicast</' ${axis2}`)
    await root('esb3', 'systemctl stop esb')
    const told = await run()
    expect([told.code, changed(told)]).toEqual([0, ['esb2: clustering', 'esb2: restart node', 'esb3: node runs']])
  })

  it('restarts node by node without a failed request', async () => {
    const nodes = ['esb1', 'esb2', 'esb3']
    const starts = (): Promise<readonly string[]> => Promise.all(nodes.map((node) => root(node, 'systemctl show -p InvocationID --value esb.service')))
    const before = await starts()
    const { vars } = parse(await readFile(join(directory, 'inventories/lab-esb/hosts.yaml'), 'utf8')) as { vars: { authority_certificate: string; service_name: string } } // the lab's inventory's own form
    const clients = clientsOf(hostNamed('lb1').address, vars.authority_certificate, questionsFor(vars.service_name, '/services/ProvisionProbe'))
    const told = await provision(['run', 'operations/carbon-rolling-restart', '-i', 'lab-esb', '--yes'], { cwd: directory })
    const answers = await clients.end()
    expect(told.code, told.stderr).toBe(0)
    process.stderr.write(`rolling restart of ESB: ${answers.failed.length} of ${answers.asked} requests were not answered\n`)
    expect(answers.failed).toEqual([])
    expect(Object.keys(answers.from).sort()).toEqual(['esb2', 'esb3'])
    for (const [index, start] of (await starts()).entries()) expect(start, nodes[index]).not.toBe(before[index])
  }, 120_000)

  it.each([
    ['java=17', 'needs Java 7 to 8, not 17'], ['worker_deployment=keep', 'Subversion fills an empty deployment folder alone'], ['cluster_admin_password=admin', 'still the shipped one'],
    ['product=mi-4.2.0', 'Micro Integrator 4.2.0'],
  ])('is refused before anything is connected with %s', async (setting, message) => {
    const told = await provision(['validate', 'esb-cluster', '-i', 'lab-esb', '--set', setting], { cwd: directory })
    expect([told.code, told.stderr.includes(message)]).toEqual([2, true])
  })
})
