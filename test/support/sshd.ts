import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createConnection, createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

/** Why no sshd can be started here, if so. */
export const sshdMissing: string | undefined = !existsSync('/usr/sbin/sshd') ? 'no /usr/sbin/sshd (package openssh-server)' : userInfo().uid !== 0 ? 'not root' : undefined

export interface Sshd {
  readonly port: number
  readonly directory: string
  /** A private key that may log in as this user. */
  readonly key: string
  /** known_hosts lines for this server under these names. */
  known(...names: readonly string[]): Promise<string>
  /** The public host key of a type, `type base64`. */
  hostKey(type: 'ed25519' | 'ecdsa' | 'rsa'): Promise<string>
  stop(): Promise<void>
}

const freePort = (): Promise<number> => new Promise((resolve, reject) => {
  const server = createServer()
  server.once('error', reject)
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    server.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))))
  })
})

const answers = (port: number): Promise<boolean> => new Promise((resolve) => {
  const socket = createConnection({ host: '127.0.0.1', port })
  socket.once('error', () => resolve(false))
  socket.once('data', () => {
    socket.destroy()
    resolve(true)
  })
})

/** Starts a real sshd on loopback, with keys of its own; extra lines go into its configuration. */
export const startSshd = async (extra: readonly string[] = []): Promise<Sshd> => {
  const directory = await mkdtemp(join(tmpdir(), 'provision-sshd-'))
  const key = join(directory, 'id_ed25519')
  const keygen = (type: string, path: string): void => { execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', '', '-f', path, ...(type === 'rsa' ? ['-b', '2048'] : [])]) }
  for (const type of ['ed25519', 'ecdsa', 'rsa']) keygen(type, join(directory, `host_${type}`))
  keygen('ed25519', key)
  await writeFile(join(directory, 'authorized_keys'), await readFile(`${key}.pub`))
  await chmod(directory, 0o755)
  const port = await freePort()
  await writeFile(join(directory, 'sshd_config'), [
    ...extra,
    `ListenAddress 127.0.0.1:${port}`, ...['ed25519', 'ecdsa', 'rsa'].map((type) => `HostKey ${join(directory, `host_${type}`)}`),
    `AuthorizedKeysFile ${join(directory, 'authorized_keys')}`, `PidFile ${join(directory, 'pid')}`,
    'StrictModes no', 'PermitRootLogin yes', 'PasswordAuthentication no', 'KbdInteractiveAuthentication no', 'UsePAM no', 'AllowTcpForwarding yes', 'MaxStartups 100', 'Subsystem sftp internal-sftp', '',
  ].join('\n'))
  // Debian's sshd insists on its privilege separation directory, which only its service makes.
  execFileSync('mkdir', ['-p', '/run/sshd'])
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(directory, 'sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => { log += chunk.toString() })
  for (let tries = 0; !(await answers(port)); tries += 1) {
    if (tries > 100 || child.exitCode !== null) throw new Error(`sshd does not start: ${log}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const hostKey = async (type: string): Promise<string> => (await readFile(join(directory, `host_${type}.pub`), 'utf8')).split(' ').slice(0, 2).join(' ').trim()
  return {
    port, directory, key, hostKey,
    known: async (...names) => (await Promise.all(['ed25519', 'ecdsa', 'rsa'].map(async (type) => `${names.join(',')} ${await hostKey(type)}\n`))).join(''),
    stop: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill()
      await gone
      await rm(directory, { recursive: true, force: true })
    },
  }
}
