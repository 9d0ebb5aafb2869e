import { execFile } from 'node:child_process'
import { exitCode, ProvisionError } from '../core/errors.js'

/** What signatures are for: one that was made for something else does not count. */
export const NAMESPACE = 'provision-plan'

interface Ended { readonly code: number; readonly stdout: string; readonly stderr: string }

const sshKeygen = (args: readonly string[], input: string | undefined, isAsked = false): Promise<Ended> => new Promise((settle, reject) => {
  const child = execFile('ssh-keygen', args, { maxBuffer: 1 << 26, ...(isAsked ? {} : { timeout: 60_000 }) }, (error, stdout, stderr) => {
    if (error !== null && typeof error.code === 'string') {
      reject(new ProvisionError('no-ssh-keygen', `ssh-keygen cannot be run: ${error.code}`, { exit: exitCode.input, hint: 'install the client of OpenSSH', cause: error }))
    } else settle({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr })
  })
  child.stdin?.on('error', () => {}) // it ends by itself where it reads nothing
  child.stdin?.end(input)
})

/** Signs a text with a private key, or one that an agent holds for a public key; the signature in OpenSSH's armor. */
export const signed = async (text: string, key: string): Promise<string> => {
  const { code, stdout, stderr } = await sshKeygen(['-Y', 'sign', '-f', key, '-n', NAMESPACE], text, true)
  if (code === 0) return stdout
  throw new ProvisionError('not-signed', `ssh-keygen does not sign with ${key}`, { exit: exitCode.unapproved, hint: 'give a private key, or a public one whose private key an agent holds', output: stderr.trim() })
}

/** Who of those allowed has made a signature over a text; nothing where nobody has. */
export const signerOf = async (text: string, signatureFile: string, signers: string): Promise<string | undefined> => {
  const found = await sshKeygen(['-Y', 'find-principals', '-s', signatureFile, '-f', signers], undefined)
  const principals = found.code === 0 ? found.stdout.split('\n').filter((line) => line !== '') : []
  for (const principal of principals) {
    const { code } = await sshKeygen(['-Y', 'verify', '-f', signers, '-I', principal, '-n', NAMESPACE, '-s', signatureFile], text)
    if (code === 0) return principal
  }
  return undefined
}
