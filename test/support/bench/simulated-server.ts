import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import ssh2, { type ServerChannel } from 'ssh2'

/**
 * Simulated hosts: an SSH server that speaks the shell loop and answers each script as a real host answered it once. The first time that a script comes,
 * it is handed to that host; afterwards its answer is canned. Called with the server's private key, and the ssh_config and name of the real host; prints its port.
 */
const [keyFile = '', sshConfig = '', host = ''] = process.argv.slice(2)

interface Answer { readonly stdout: string; readonly stderr: string; readonly exit: number }
const canned = new Map<string, Promise<Answer>>()

const TOKEN = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g
const onRealHost = (script: string): Promise<Answer> => new Promise((resolve) => {
  const child = execFile('ssh', ['-F', sshConfig, host, 'sudo sh'], { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
    resolve({ stdout, stderr, exit: error === null ? 0 : Number(error.code ?? 255) })
  })
  child.stdin?.end(script)
})

/** Tokens differ with each run, so they stand in a canned answer by their number. */
const answerTo = async (script: string): Promise<Answer> => {
  const tokens = [...new Set(script.match(TOKEN) ?? [])]
  const key = createHash('sha256').update(script.replace(TOKEN, (token) => `token${tokens.indexOf(token)}`)).digest('hex')
  const known = canned.get(key) ?? onRealHost(script).then((said): Answer => ({ ...said, stdout: said.stdout.replace(TOKEN, (token) => `\0${tokens.indexOf(token)}\0`) }))
  canned.set(key, known)
  const { stdout, stderr, exit } = await known
  return { stdout: stdout.replace(/\0(\d+)\0/g, (_all, index: string) => tokens[Number(index)] ?? ''), stderr, exit }
}

/** Speaks the loop of `transport/shell-loop.ts`, for frames without input. */
const loop = (channel: ServerChannel, command: string): void => {
  const ready = /echo (\S+) \$\$/.exec(command)?.[1]
  channel.write(`${ready} 4242 iflag=fullblock\n`)
  let rest: Buffer = Buffer.alloc(0)
  let busy = false
  const next = async (): Promise<void> => {
    const lineEnd = rest.indexOf(10)
    if (busy || lineEnd < 0) return
    const [key = '', mate = '', block, count] = rest.subarray(0, lineEnd).toString().split(' ')
    const from = lineEnd + 1
    const to = from + Number(block) * Number(count)
    const after = rest.length < to ? -1 : rest.indexOf(10, to)
    if (after < 0) return
    const script = rest.subarray(from, to).toString()
    rest = rest.subarray(after + 1)
    busy = true
    const { stdout, stderr, exit } = await answerTo(script)
    channel.stderr.write(`${key}${mate}\n${stderr}${mate}${key}\n`)
    channel.write(`${key}${mate}\n${stdout}${mate}${key} ${exit}\n`)
    busy = false
    await next()
  }
  channel.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    void next()
  })
  channel.on('end', () => channel.end())
}

const server = new ssh2.Server({ hostKeys: [readFileSync(keyFile)] }, (client) => {
  client.on('authentication', (context) => {
    if (context.method === 'publickey') context.accept()
    else context.reject(['publickey'])
  })
  client.on('session', (accept) => {
    accept().on('exec', (take, _refuse, { command }) => loop(take(), command))
  })
  client.on('error', () => { /* a client that goes away is not of interest */ })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object') process.stdout.write(`${address?.port}\n`)
})
