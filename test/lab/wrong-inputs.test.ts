import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { exitCode } from '../../src/core/errors.js'
import { asRoot, labProject, playbook, timeless, treeOf, type LabProject } from '../support/lab-project.js'
import { labHosts, noHostsReason, titled, type TestHost } from '../support/lab.js'
import { zipOf } from '../support/zip.js'

const reason = await noHostsReason()
const motd = `- name: note
  file: { path: /etc/note, content: "hello\\n" }`

describe.skipIf(reason !== undefined)(titled('what goes wrong on hosts', { reason }), () => {
  let mi1: TestHost
  let mi2: TestHost
  let project: LabProject

  beforeAll(async () => {
    const { hosts: [first, second] } = await labHosts(['mi1', 'mi2'], 'wrong-inputs')
    if (first === undefined || second === undefined) throw new Error('the lab made no hosts')
    mi1 = first
    mi2 = second
    project = await labProject([mi1, mi2])
  }, 600_000)

  /** Nothing on the first host is altered by this, and nothing stays behind here. */
  const unchanged = async <T>(trial: LabProject, work: () => Promise<T>): Promise<T> => {
    const before = await treeOf(mi1)
    const result = await work()
    expect(await treeOf(mi1)).toBe(before)
    expect(await trial.leftBehind()).toEqual([])
    return result
  }

  describe('a host that is not reached', () => {
    it('refuses the connection', async () => {
      const trial = await labProject([mi1, mi2], { hosts: { mi2: `{ address: ${mi2.address}, connection: { port: 2 } }` }, connection: `{ identity: ${mi1.key}, known-hosts: ${mi1.knownHosts}, user: deploy }`, files: { 'site.yaml': playbook(motd) } })
      const { code, stderr } = await unchanged(trial, () => trial.run('site.yaml'))
      expect(code).toBe(exitCode.unreachable)
      expect(stderr).toContain(`mi2   unreachable: mi2 cannot be reached at ${mi2.address}:2: the connection was refused
      hint: is sshd running there, and is this its port?
mi1   0 ok, 1 to change, 0 deferred, 0 skipped, 0 failed
mi2   0 ok, 0 to change, 0 deferred, 0 skipped, 0 failed, unreachable
Plan: 1 to change, 0 deferred, 0 ok of 1 step; 100 % decided.

Nothing was changed. To go on without the hosts that are not reached: --limit 'all:!mi2'
`)
    })

    it('says nothing at all', async () => {
      const silent = mi1.address.replace(/\d+$/, '250') // no such host on the bridge of the lab
      const trial = await labProject([mi1, mi2], { hosts: { mi2: `{ address: ${silent}, connection: { connect-timeout: 1 } }` }, connection: `{ identity: ${mi1.key}, known-hosts: ${mi1.knownHosts}, user: deploy }`, files: { 'site.yaml': playbook(motd) } })
      const { code, stderr, ms } = await unchanged(trial, () => trial.run('site.yaml'))
      expect(code).toBe(exitCode.unreachable)
      expect(stderr).toContain(`mi2   unreachable: mi2 cannot be reached at ${silent}:22: no answer\n      hint: is the host up, and does a firewall let this port through?\n`)
      expect(ms).toBeLessThan(15_000)
    })

    it('shows a key that is not known, and is told how to trust it', async () => {
      const trial = await labProject([mi1], { connection: `{ identity: ${mi1.key}, known-hosts: known_hosts, user: deploy }`, files: { 'inventories/lab/known_hosts': '', 'site.yaml': playbook(motd) } })
      const { code, stderr } = await unchanged(trial, () => trial.run('site.yaml'))
      expect(code).toBe(exitCode.unreachable)
      const fingerprint = (await asRoot(mi1, 'ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub')).split(' ')[1] ?? ''
      const known = join(trial.folder, 'inventories/lab/known_hosts')
      const command = `ssh-keyscan -t ed25519 -p 22 ${mi1.address} >> ${known}`
      expect(stderr).toContain(`mi1   unreachable: the host key of mi1 (${mi1.address}) is not known: it shows ssh-ed25519 ${fingerprint}\n      hint: compare it with \`ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub\` on the host's own console; if they agree, run \`${command}\`, or pin the fingerprint in the inventory\n`)
      expect(await readFile(known, 'utf8')).toBe('')
    })

    it('shows another key than the known one', async () => {
      const other = (await asRoot(mi1, 'rm -f /tmp/k /tmp/k.pub; ssh-keygen -q -t ed25519 -N "" -f /tmp/k; cat /tmp/k.pub; rm -f /tmp/k /tmp/k.pub')).split(' ')[1] ?? ''
      const trial = await labProject([mi1], { connection: `{ identity: ${mi1.key}, known-hosts: known_hosts, user: deploy }`, files: { 'inventories/lab/known_hosts': `${mi1.address} ssh-ed25519 ${other}\n`, 'site.yaml': playbook(motd) } })
      const { code, stderr } = await unchanged(trial, () => trial.run('site.yaml'))
      expect(code).toBe(exitCode.unreachable)
      expect(stderr).toMatch(new RegExp(`mi1   unreachable: mi1 \\(${mi1.address}\\) shows the host key ssh-ed25519 SHA256:\\S+, but another one is known at \\S+known_hosts:1\n      hint: if the host was installed anew, run`))
    })

    it('does not accept the sudo password, which is tried once', async () => {
      const trial = await labProject([mi1], {
        connection: `{ known-hosts: ${mi1.knownHosts}, user: operator, password: operator-lab, become: { password: "{{ sudo_password }}" } }`, vars: '{ sudo_password: not-the-password }', files: { 'site.yaml': playbook(motd) },
      })
      const attempts = async (): Promise<number> => Number(await asRoot(mi1, 'journalctl --no-pager -t sudo | grep -c "pam_unix.*authentication failur[e]" || true'))
      const before = await attempts()
      const { code, stderr } = await unchanged(trial, () => trial.run('site.yaml'))
      expect(code).toBe(exitCode.unreachable)
      expect(stderr).toContain('mi1   unreachable: mi1: sudo does not accept the password for root\n      hint: correct the become password in the vault; it was tried once only, so that no account is locked\n')
      await new Promise((resolve) => setTimeout(resolve, 1000)) // the journal takes its time
      expect(await attempts()).toBe(before + 1)
    })
  })

  describe('what a host or a file refuses', () => {
    it('an archive with another checksum', async () => {
      const bytes = zipOf([{ name: 'app/readme', content: 'hello\n' }])
      const wrong = '0'.repeat(64)
      await project.write({ 'checksum.yaml': playbook(`- name: application\n  archive: { src: app.zip, sha256: '${wrong}', path: /opt/app }\n${motd}`) })
      await writeFile(join(project.folder, 'app.zip'), bytes)
      const { code, stderr } = await unchanged(project, () => project.run('checksum.yaml', ['--limit', 'mi1']))
      expect(code).toBe(exitCode.failed)
      expect(stderr).toBe(`Trial
  mi1   failed    application — app.zip has the sha256 ${createHash('sha256').update(bytes).digest('hex')}, not ${wrong}
                  hint: fetch the archive again, or correct \`sha256\` once you know that the file is right

mi1   0 ok, 0 to change, 0 deferred, 0 skipped, 1 failed
Plan: 1 of 1 step cannot be done as things are.

Nothing was changed.
`)
    })

    it('a target that cannot be written to', async () => {
      await asRoot(mi1, 'mkdir -p /mnt/ro && mount -t tmpfs -o ro,size=1m none /mnt/ro')
      await project.write({ 'ro.yaml': playbook('- name: note\n  file: { path: /mnt/ro/note, content: x }') })
      const { code, stderr } = await project.run('ro.yaml', ['--limit', 'mi1'])
      await asRoot(mi1, 'umount /mnt/ro')
      expect(code).toBe(exitCode.failed)
      expect(stderr).toContain('failed: mi1, "note"\n  create /mnt/ro/note failed with exit 1 [action-failed]\n')
      expect(stderr).toContain("/mnt/ro/.note.provision-new: Read-only file system")
    })

    it('a disk that is full: of a small file nothing is left, and the old one is there as before', async () => {
      await asRoot(mi1, 'mkdir -p /mnt/full && mount -t tmpfs -o size=64k none /mnt/full && echo old > /mnt/full/note && ! dd if=/dev/zero of=/mnt/full/fill bs=4k 2>/dev/null')
      await project.write({ 'full.yaml': playbook(`- name: note\n  file: { path: /mnt/full/note, content: "${'x'.repeat(9000)}" }`) })
      const { code, stderr } = await project.run('full.yaml', ['--limit', 'mi1'])
      const left = await asRoot(mi1, 'ls -A /mnt/full; cat /mnt/full/note; umount /mnt/full')
      expect(left).toBe('fill\nnote\nold\n')
      expect(code).toBe(exitCode.failed)
      expect(stderr).toContain('failed: mi1, "note"\n  update /mnt/full/note failed with exit 1 [action-failed]\n')
      expect(stderr).toContain('the disk at /mnt/full is full: 0 KiB are free')
    })

    it('a disk that fills up during an upload: the old file is there as before, and no part keeps it full', async () => {
      await asRoot(mi1, 'mkdir -p /mnt/small && mount -t tmpfs -o size=4m none /mnt/small && echo old > /mnt/small/big')
      await writeFile(join(project.folder, 'big.bin'), Buffer.alloc(16 * 1024 * 1024, 7))
      await project.write({ 'upload.yaml': playbook('- name: big file\n  copy: { src: big.bin, path: /mnt/small/big }') })
      const { code, stderr } = await project.run('upload.yaml', ['--limit', 'mi1'])
      const left = await asRoot(mi1, 'ls -A /mnt/small; cat /mnt/small/big; umount /mnt/small')
      expect(left).toBe('big\nold\n')
      expect(code).toBe(exitCode.failed)
      expect(stderr).toContain('failed: mi1, "big file"\n  update /mnt/small/big failed with exit 1 [action-failed]\n  | cat: write error: No space left on device\n')
    })

    it('a home that takes no file: the lock that cannot be written is told of, and not waited for', async () => {
      await asRoot(mi1, 'mount -t tmpfs -o size=16k,mode=0777 none /home/deploy/.local 2>/dev/null || { mkdir -p /home/deploy/.local; mount -t tmpfs -o size=16k,mode=0777 none /home/deploy/.local; }; mkdir -p -m 777 /home/deploy/.local/state/provision; ! dd if=/dev/zero of=/home/deploy/.local/fill bs=4k 2>/dev/null')
      await project.write({ 'home.yaml': playbook('- name: note\n  file: { path: /home/deploy/note, content: x }', '') })
      const { code, stderr, ms } = await project.run('home.yaml', ['--limit', 'mi1'])
      await asRoot(mi1, 'umount /home/deploy/.local; rmdir /home/deploy/.local; test ! -e /home/deploy/note')
      expect(code).toBe(exitCode.failed)
      expect(stderr).toContain("the lock /home/deploy/.local/state/provision/lock cannot be written: ")
      expect(stderr).toContain('the disk at /home/deploy/.local is full: 0 KiB are free')
      expect(ms).toBeLessThan(15_000)
    })

    const unitOf = (name: string, command: string): string => `- name: unit
  systemd-unit:
    name: ${name}.service
    content: |
      [Service]
      ExecStart=${command}
- name: runs
  service: { name: ${name}, state: started }
- name: answers
  wait-for: { port: 8290, journal: { unit: ${name}.service, text: it listens }, timeout: 20 }`

    it('a service that ends as soon as it has started: the step fails with its log', async () => {
      await project.write({ 'dies.yaml': playbook(unitOf('dies', "/bin/sh -c 'echo the configuration is wrong >&2; exit 3'")) })
      const { code, stderr } = await project.run('dies.yaml', ['--limit', 'mi1'])
      expect(code).toBe(exitCode.failed)
      expect(stderr).toContain('failed: mi1, "runs"\n  start dies.service failed with exit 1 [action-failed]\n')
      expect(stderr).toContain('the configuration is wrong')
    })

    it('a service whose port is taken: the gate fails with its log', async () => {
      await asRoot(mi1, String.raw`cat > /usr/local/bin/listen <<"END" && chmod 755 /usr/local/bin/listen && systemd-run --quiet --unit=squatter /usr/local/bin/listen 0
#!/usr/bin/perl
use IO::Socket::INET;
sleep shift;
my $socket = IO::Socket::INET->new(LocalPort => 8290, Listen => 5) or die "port 8290 is taken: $!\n";
sleep 600;
END`)
      await project.write({ 'port.yaml': playbook(unitOf('app', '/usr/local/bin/listen 1')) })
      const { code, stderr } = await project.run('port.yaml', ['--limit', 'mi1'])
      await asRoot(mi1, 'systemctl stop squatter app; systemctl reset-failed')
      expect(code).toBe(exitCode.failed)
      expect(stderr).toContain('failed: mi1, "answers"\n')
      expect(stderr).toContain('unit-died: app.service is failed (failed) while it was waited for; it logged last:')
      expect(stderr).toContain('port 8290 is taken: Address already in use')
    })
  })

  describe('one host of two', () => {
    it('fails: the other goes on, and the recap says so', async () => {
      await project.write({ 'two.yaml': playbook(`- name: fails on mi1\n  when: host.name == 'mi1'\n  command: { run: 'echo it broke >&2; exit 3', creates: /etc/never }\n- name: note of two\n  file: { path: /etc/note-two, content: x }`) })
      const { code, stdout, stderr } = await project.run('two.yaml')
      expect({ code, stdout }).toEqual({ code: exitCode.failed, stdout: '' })
      expect(timeless(stderr).replace(/node \S+main\.js/, 'PROGRAM').split('\n').slice(-9).join('\n')).toBe(`failed: mi1, "fails on mi1"
  run echo it broke >&2; exit 3 failed with exit 3 [action-failed]
  | it broke

mi1   0 ok, 0 changed, 0 deferred, 0 skipped, 1 failed
mi2   0 ok, 1 changed, 0 deferred, 1 skipped, 0 failed
Failed in T: 1 changed.
To go on: PROGRAM run two.yaml -i lab --yes
`)
      expect(await asRoot(mi1, 'ls /etc/note-two 2>/dev/null || echo none')).toBe('none\n')
    })

    it('fails as the first batch: the second never begins', async () => {
      await project.write({ 'serial.yaml': playbook(`- name: fails everywhere\n  command: { run: 'date >> /etc/began; exit 1', creates: /etc/never }`, '    become: true\n    serial: 1\n') })
      const { code, stderr } = await project.run('serial.yaml')
      expect(code).toBe(exitCode.failed)
      expect(stderr).toContain('Stopped: no host of mi1 came through "Trial".')
      expect(await asRoot(mi2, 'ls /etc/began 2>/dev/null || echo none')).toBe('none\n')
      expect(await asRoot(mi1, 'wc -l < /etc/began')).toBe('1\n')
    })

    it('fails, which is more than max-failures: later plays do not begin', async () => {
      const first = playbook(`- name: fails on mi1\n  when: host.name == 'mi1'\n  command: { run: exit 1, creates: /etc/never }`, '    become: true\n    max-failures: 0\n')
      await project.write({ 'most.yaml': `${first}  - name: Later\n    hosts: nodes\n    become: true\n    steps:\n      - name: later\n        file: { path: /etc/later, content: x }\n` })
      const { code, stderr } = await project.run('most.yaml')
      expect(code).toBe(exitCode.failed)
      expect(stderr).toContain('Stopped: 1 of 2 hosts failed in "Trial".')
      expect(await asRoot(mi2, 'ls /etc/later 2>/dev/null || echo none')).toBe('none\n')
    })
  })
})
