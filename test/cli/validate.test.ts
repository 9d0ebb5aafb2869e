import { describe, expect, it } from 'vitest'
import { exitCode } from '../../src/core/errors.js'
import { Secret } from '../../src/core/secret.js'
import { encryptText } from '../../src/inventory/vault/age.js'
import { folderWith } from '../inventory/files.js'
import { said, type Said } from '../support/said.js'

const hosts = 'hosts:\n  lb1: { address: 10.0.0.20 }\n  mi1: { address: 10.0.0.11 }\n  mi2: { address: 10.0.0.12 }\n'
const play = (steps: string, of = 'all', more = ''): string => `  - name: ${of}\n    hosts: ${of}\n${more}    steps:\n${steps.trimEnd().replace(/^/gm, '      ')}\n`
const validate = async (plays: string, more: Readonly<Record<string, string>> = {}): Promise<Said> => {
  const cwd = await folderWith({ 'inventories/prod/hosts.yaml': hosts, 'site.yaml': `plays:\n${plays}`, ...more })
  return said(cwd, ['validate', 'site.yaml', '-i', 'prod'])
}

describe('validate', () => {
  it('names the variables whose secrets are too short to be hidden, once, and no value', async () => {
    const vault = await encryptText('pin: "x7z"\nempty: ""\npassword: hunter22\nmore: { list: [q9, longer] }\n', { kind: 'passphrase', passphrase: new Secret('the right key, long enough') })
    const files = { 'inventories/prod/vault.yaml': vault, 'inventories/prod/vault.key': 'the right key, long enough\n' }
    const { code, stderr } = await validate(play('- file: { path: /etc/motd }'), files)
    expect({ code, stderr }).toEqual({ code: exitCode.done, stderr: 'note: secrets of fewer than 4 characters are not hidden where hosts repeat them: more, pin\n' })
    expect((await validate(play('- file: { path: /etc/motd }'))).stderr).toBe('')
  })

  it('compares steps of all hosts, and tells everything at once with both places', async () => {
    const { code, stdout, stderr } = await validate(
      play('- name: greet\n  file: { path: /etc/motd, content: "hello\\n" }\n- template: { src: motd.njk, path: /etc/motd }\n- hosts-entry: { address: 127.0.1.1, names: mi1 }')
      + play('- certificate: { path: /etc/ssl/mi.pem, key: /etc/ssl/mi.key, names: ["{{ host.name }}"] }', 'mi*')
      + play('- wait-for: { http: { url: "https://{{ hosts.mi1.address }}:8253/", ca: /etc/ssl/ca.pem } }', 'lb1'), { 'templates/motd.njk': 'hello {{ host.name }}\n' })
    expect({ code, stdout }).toEqual({ code: exitCode.input, stdout: '' })
    expect(stderr.replaceAll(/\n {2}\d+ \|.*\n.*\^/g, '')).toBe(`error: "greet" and "template /etc/motd" contradict each other about file:/etc/motd: different content (lb1, mi1, mi2) [contradicting-steps]
  at site.yaml:7:9
  hint: the first stands at site.yaml:5:9; every run would change it there and back: keep one of them

error: mi1 leads to 127.0.1.1: whoever asks for mi1 reaches itself (lb1, mi2) [loopback-name]
  at site.yaml:8:9
  hint: give the address of mi1: "{{ hosts['mi1'].address }}"

error: https://10.0.0.11:8253/ is asked, but no certificate of mi1 is valid for 10.0.0.11 (lb1) [name-not-in-certificate]
  at site.yaml:16:9
  hint: add it to the \`names\` of /etc/ssl/mi.pem at site.yaml:12:9: mi1
`)
  })

  it('finds units that take one port, and hosts that have one address', async () => {
    const { code, stderr } = await validate(play('- systemd-unit: { name: a.socket, content: "[Socket]\\nListenStream=8080\\n" }\n- systemd-unit: { name: b.socket, content: "[Socket]\\nListenStream=127.0.0.1:8080\\nListenStream=/run/b\\n" }', 'lb1'))
    expect(code).toBe(exitCode.input)
    expect(stderr).toContain('error: a.socket and b.socket both listen on port 8080 (lb1) [port-taken]')
    const twice = await validate(play('- file: { path: /etc/motd, state: absent }'), { 'inventories/prod/hosts.yaml': hosts.replace('10.0.0.12', '10.0.0.11') })
    expect(twice.stderr).toContain('error: mi1 and mi2 have the same address 10.0.0.11 (mi2) [one-address]\n  at inventories/prod/hosts.yaml:4:3\n')
  })

  it('leaves alone what agrees, what is not known yet, what is skipped, and what only handlers and procedures do', async () => {
    const { code, stdout } = await validate(
      play('- file: { path: /etc/motd, content: "hello\\n", mode: "0644" }\n  notify: off\n- template: { src: motd.njk, path: /etc/motd, owner: root }\n- copy: { src: motd, path: /etc/motd }\n- file: { path: /etc/motd, content: x }\n  when: host.name == "none"\n- command: { run: id, unless: "false" }\n  register: who\n- file: { path: /etc/motd, content: "{{ who.stdout }}" }\n- service: { name: nginx, state: started }', 'all', '    handlers:\n      - name: off\n        service: { name: nginx, state: stopped }\n')
      + play('- service: { name: nginx, state: stopped }\n- restart: { name: nginx }', 'all', '    procedure: true\n'), { 'templates/motd.njk': 'hello\n', motd: 'hello\n' })
    expect({ code, stdout }).toEqual({ code: exitCode.done, stdout: 'site.yaml with the inventory prod is right: 2 plays, 9 steps, 3 hosts.\n' })
  })

  it('does not show what is secret in what differs', async () => {
    const { stderr } = await validate(play('- file: { path: /etc/key, content: swordfish9 }\n- file: { path: /etc/key, content: hunter2222 }', 'lb1'))
    expect(stderr.replaceAll(/\n {2}\d+ \|.*/g, '')).toContain('different content')
    expect(stderr.split('\n')[0]).not.toMatch(/swordfish9|hunter2222/)
  })
})
