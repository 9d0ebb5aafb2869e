import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { serviceName, type Cluster } from './cluster.js'
import { provision } from './provision.js'

/** Shell that puts a key and a certificate of the cluster's own authority on mi2, right in everything but that it ended long ago. */
export const expiredCertificate = async ({ directory, authority, host }: Cluster): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'provision-expired-'))
  try {
    const vault = await provision(['vault', 'view', 'inventories/lab/vault.yaml'], { cwd: directory })
    const { authority_key: key } = parse(vault.stdout) as { authority_key: string } // the practice vault's own form
    const names = [serviceName, 'mi2', 'localhost'].map((name) => `DNS:${name}`).concat(`IP:${host('mi2').address}`, 'IP:127.0.0.1')
    await writeFile(join(folder, 'ca.pem'), authority)
    await writeFile(join(folder, 'ca.key'), key, { mode: 0o600 })
    await writeFile(join(folder, 'index'), '')
    await writeFile(join(folder, 'conf'), `[ca]
default_ca = here
[here]
dir = ${folder}
database = $dir/index
new_certs_dir = $dir
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = server
[any]
commonName = supplied
[server]
basicConstraints = CA:false
subjectAltName = ${names.join(',')}
authorityKeyIdentifier = keyid
`)
    const openssl = (...args: readonly string[]): Promise<unknown> => promisify(execFile)('openssl', args, { cwd: folder })
    await openssl('req', '-new', '-newkey', 'rsa:3072', '-nodes', '-keyout', 'mi2.key', '-subj', '/CN=mi2', '-out', 'mi2.csr')
    await openssl('ca', '-batch', '-notext', '-config', 'conf', '-cert', 'ca.pem', '-keyfile', 'ca.key', '-startdate', '20240101000000Z', '-enddate', '20240201000000Z', '-in', 'mi2.csr', '-out', 'mi2.pem')
    const [pem, secret] = await Promise.all([readFile(join(folder, 'mi2.pem'), 'utf8'), readFile(join(folder, 'mi2.key'), 'utf8')])
    return `cat > /opt/wso2/pki/mi2.pem <<'END'\n${pem}END\ncat > /opt/wso2/pki/mi2.key <<'END'\n${secret}END\n`
  } finally {
    await rm(folder, { recursive: true })
  }
}
