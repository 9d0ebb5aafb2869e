import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { get } from 'node:https'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { parse } from 'yaml'
import { labHosts, type TestHost, type TestHosts } from './lab.js'
import { preparePractice } from './practice.js'
import { provision, type Told } from './provision.js'

/** The practice cluster on four hosts of the test run, and ways to look at it that owe nothing to what made it. */
export interface Cluster {
  readonly lab: TestHosts
  readonly directory: string
  readonly host: (name: string) => TestHost
  /** Runs shell as root. */
  readonly root: (host: string, script: string) => Promise<string>
  /** Runs the program on the cluster. */
  readonly call: (verb: 'plan' | 'run' | 'verify' | `operations/${string}`, ...more: readonly string[]) => Promise<Told>
  readonly authority: string
}

export const hostNames = ['db1', 'lb1', 'mi1', 'mi2'] as const
export const serviceName = 'mi.example.test'

const missing = (name: string): never => { throw new RangeError(`no host ${name}`) }

interface Spoken { readonly code: number | null; readonly stdout: string; readonly stderr: string }
const spoken = (command: readonly [string, ...string[]], input: string): Promise<Spoken> => new Promise((settle, reject) => {
  const child = spawn(command[0], command.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => { stdout += text })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text })
  child.once('error', reject)
  child.once('close', (code) => settle({ code, stdout, stderr }))
  child.stdin.end(input)
})

/** Brings the hosts up, and lays out what the practice inventory and playbook need. */
export const practiceCluster = async (name: string, settings: readonly string[]): Promise<Cluster> => {
  const lab = await labHosts(hostNames, name)
  if (lab.lab === undefined) throw new Error(lab.reason ?? 'no lab')
  const { directory, drivers, sshConfig } = lab.lab
  await preparePractice(directory, drivers)
  const inventory = parse(await readFile(join(directory, 'inventories/lab/hosts.yaml'), 'utf8')) as { vars: { authority_certificate: string } } // the practice inventory's own form
  return {
    lab, directory, authority: inventory.vars.authority_certificate,
    host: (wanted) => lab.hosts.find((host) => host.name === wanted) ?? missing(wanted),
    root: async (host, script) => {
      const { code, stdout, stderr } = await spoken(['ssh', '-F', sshConfig, '-o', 'LogLevel=ERROR', host, 'sudo', 'sh'], script)
      if (code !== 0) throw new Error(`${host}: exit ${code} of\n${script}\n${stdout}${stderr}`)
      return stdout
    },
    call: (verb, ...more) => provision([...(verb.startsWith('operations/') ? ['run', verb] : [verb, 'cluster.yaml']), '-i', 'lab', ...settings.flatMap((setting) => ['--set', setting]), ...more], { cwd: directory }),
  }
}

/** Where hosts write while nobody asks them to: logs and what is only for now. */
const RESTLESS = ['/proc', '/sys', '/dev', '/run', '/tmp', '/var/log']

/** Every path of a host with type, mode, owner, size, times and content, in order. */
export const treeOf = async (cluster: Cluster, host: string, without: readonly string[] = []): Promise<readonly string[]> => {
  const pruned = [...RESTLESS, ...without].map((path) => `-path '${path}'`).join(' -o ')
  return (await cluster.root(host, `export LC_ALL=C
find / -xdev \\( ${pruned} \\) -prune -o -printf '%p|%y %m %U:%G %s %T@ %C@ %l\\n' | sort
find / -xdev \\( ${pruned} \\) -prune -o -type f -print0 | sort -z | xargs -0 sha256sum`)).split('\n')
}

/** What of a tree differs, told line by line. */
export const treeChanges = (before: readonly string[], after: readonly string[]): readonly string[] => {
  const [was, is] = [new Set(before), new Set(after)]
  return [...before.filter((line) => !is.has(line)).map((line) => `- ${line}`), ...after.filter((line) => !was.has(line)).map((line) => `+ ${line}`)]
}

/** The certificate that a TLS port serves, believed only if the authority vouches for it under this name. */
export const servedCertificate = (address: string, port: number, name: string, ca: string): Promise<string> => new Promise((settle, reject) => {
  const socket = connect({ host: address, port, servername: name, ca, ALPNProtocols: ['http/1.1'] }, () => {
    settle(socket.getPeerCertificate().fingerprint256.replaceAll(':', '').toLowerCase())
    socket.end()
  })
  socket.setTimeout(10_000, () => socket.destroy(new Error(`${address}:${port} does not answer`)))
  socket.once('error', reject)
})

/** The SHA-256 of a certificate that lies on a host. */
export const certificateOn = async ({ root }: Cluster, host: string, path: string): Promise<string> =>
  (await root(host, `openssl x509 -in '${path}' -outform DER | sha256sum`)).slice(0, 64)

/** Asks the balancer once, by a connection of its own; the status and the node that answered. */
export const askBalancer = ({ host, authority }: Cluster): Promise<{ readonly status: number | undefined; readonly node: string | undefined }> => new Promise((settle, reject) => {
  const request = get({ host: host('lb1').address, port: 443, path: '/', servername: serviceName, headers: { host: serviceName }, ca: authority, agent: false, timeout: 10_000 }, (response) => {
    response.resume().once('end', () => settle({ status: response.statusCode, node: response.headers['x-node']?.toString() })).once('error', reject)
  })
  request.once('timeout', () => request.destroy(new Error('timed out'))).once('error', reject)
})
