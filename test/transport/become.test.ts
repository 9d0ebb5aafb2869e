import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ProvisionError } from '../../src/core/errors.js'
import { Secret } from '../../src/core/secret.js'
import type { Become, Output } from '../../src/core/transport.js'
import { LocalTransport } from '../../src/transport/local.js'
import { scratch } from './shells.js'

/** A machine on which `sudo` and `su` are these scripts; `$LOG` takes what they were called with and what they read. */
const machine = (programs: Readonly<Record<string, string>>) => {
  const directory = scratch()
  const log = join(directory, 'log')
  writeFileSync(log, '')
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(directory, name), `#!/bin/sh\nLOG=${log}; echo "$0 $*" >>"$LOG"\n${text}\n`)
    chmodSync(join(directory, name), 0o755)
  }
  return {
    log: () => readFileSync(log, 'utf8'),
    as: async (become: Become, script = 'echo "$AS"'): Promise<Output | ProvisionError> => {
      const transport = new LocalTransport({ env: { ...process.env, PATH: `${directory}:/usr/bin:/bin` }, startTimeout: 3000 })
      try {
        return await (await transport.session(become)).exec(script, { stdin: 'in' })
      } catch (error) {
        if (error instanceof ProvisionError) return error
        throw error
      } finally {
        await transport.close()
      }
    },
  }
}

// As sudo reads options: up to `--`, then the command.
const parse = 'prompt=; asks=; while [ "$1" != -- ]; do case $1 in -p) prompt=$2; shift;; -S) asks=1;; -u) AS=$2; shift;; esac; shift; done; shift; export AS'
const ask = 'printf %s "$prompt" >&2; read -r answer; echo "read $answer" >>"$LOG"'
const sudo = (body: string): Readonly<Record<string, string>> => ({ sudo: `${parse}\n${body}` })
const password = new Secret('correct horse')
const toApp: Become = { user: 'app', method: 'sudo' }

describe('sudo', () => {
  it('without a password asks for none', async () => {
    const host = machine(sudo('exec "$@"'))
    expect(await host.as(toApp)).toMatchObject({ stdout: 'app\n', exit: 0 })
    expect(host.log()).toContain('sudo -n -H -u app -- sh -c')
  })

  it('with a password gives it when, and only when, it is asked for', async () => {
    const asking = machine(sudo(`echo "a lecture" >&2; sleep 0.1; ${ask}; [ "$answer" = "correct horse" ] && exec "$@"; exit 1`))
    expect(await asking.as({ ...toApp, password })).toMatchObject({ stdout: 'app\n', stderr: '' })
    expect(asking.log().split('\n')[0]).not.toContain('horse')
    const silent = machine(sudo('exec "$@"'))
    expect(await silent.as({ ...toApp, password }, 'cat')).toMatchObject({ stdout: 'in', stderr: '' })
    expect(silent.log()).not.toContain('horse')
  })

  it('with a wrong password tries once', async () => {
    const host = machine(sudo(`for try in 1 2 3; do ${ask}; echo "Sorry, try again." >&2; done; echo "sudo: 3 incorrect password attempts" >&2; exit 1`))
    expect(await host.as({ ...toApp, password })).toMatchObject({ code: 'wrong-become-password', exit: 4 })
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(host.log().match(/read correct horse/g)).toHaveLength(1)
    const once = machine(sudo(`${ask}; echo "sudo: 1 incorrect password attempt" >&2; exit 1`))
    expect(await once.as({ ...toApp, password })).toMatchObject({ code: 'wrong-become-password', output: expect.stringContaining('1 incorrect password attempt') })
  })

  it.each([
    ['no-become-password', 'echo "sudo: a password is required" >&2; exit 1'],
    ['become-needs-terminal', 'echo "sudo: sorry, you must have a tty to run sudo" >&2; exit 1'],
    ['become-not-allowed', 'echo "deploy is not in the sudoers file." >&2; exit 1'],
    ['become-not-allowed', 'echo "Sorry, user deploy is not allowed to execute \'/bin/sh\' as app on web1." >&2; exit 1'],
    ['no-such-become-user', 'echo "sudo: unknown user app" >&2; exit 1'],
    ['become-failed', 'echo "sudo: /etc/sudoers is world writable" >&2; exit 1'],
    ['become-program-missing', 'exit 127'],
  ])('that refuses is told as %s', async (code, body) => {
    expect(await machine(sudo(body)).as(toApp)).toMatchObject({ code, exit: 4, hint: expect.any(String) })
  })

  it('may be missing', async () => {
    const host = machine({ env: 'shift; exec "$@"', sudo: '' })
    expect(await host.as(toApp)).toMatchObject({ code: 'become-failed' })
  })

  it('is not used to become who one is already', async () => {
    const host = machine(sudo('exit 1'))
    const me = userInfo().username
    expect(await host.as({ user: me, method: 'sudo' }, 'echo me')).toMatchObject({ stdout: 'me\n' })
    expect(host.log()).toBe('')
  })
})

describe('su', () => {
  const su = (body: string): Readonly<Record<string, string>> => ({ su: `[ "$1 $2 $4" = "-s /bin/sh -c" ] || exit 9; export AS=$3; command=$5\n${body}` })
  const toRoot: Become = { user: 'app', method: 'su' }

  it('as root asks for nothing', async () => {
    expect(await machine(su('exec sh -c "$command"')).as(toRoot, 'echo "$AS"; cat')).toMatchObject({ stdout: 'app\nin' })
  })

  it('gives the password at its prompt, once', async () => {
    const host = machine(su('printf "Password: " >&2; read -r answer; [ "$answer" = "correct horse" ] && exec sh -c "$command"; sleep 0.2; echo "su: Authentication failure" >&2; exit 1'))
    expect(await host.as({ ...toRoot, password })).toMatchObject({ stdout: 'app\n' })
    expect(await host.as({ ...toRoot, password: new Secret('wrong') })).toMatchObject({ code: 'wrong-become-password', exit: 4 })
    expect(await host.as(toRoot)).toMatchObject({ code: 'no-become-password', exit: 4 })
    expect(host.log()).not.toContain('horse')
  })

  it('says when there is no such user', async () => {
    expect(await machine(su('echo "su: user app does not exist or the user entry does not contain all the required fields" >&2; exit 1')).as(toRoot)).toMatchObject({ code: 'no-such-become-user' })
  })
})
