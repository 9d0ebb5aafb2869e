import type { ChildProcess } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { exitCode } from '../../src/core/errors.js'
import type { RunEvent } from '../../src/core/events.js'
import { asRoot, labProject, playbook, type LabProject } from '../support/lab-project.js'
import { labHosts, noHostsReason, titled, type TestHost } from '../support/lab.js'
import type { Told } from '../support/provision.js'
import { tcpProxy, type TcpProxy } from '../support/proxy.js'

const reason = await noHostsReason()
const SIZE = 200 * 1024 * 1024

describe.skipIf(reason !== undefined)(titled('a run that is broken off', { reason }), () => {
  let host: TestHost
  let project: LabProject
  let proxy: TcpProxy | undefined

  beforeAll(async () => {
    const [first] = (await labHosts(['mi1'], 'interrupted')).hosts
    if (first === undefined) throw new Error('the lab made no host')
    host = first
    project = await labProject([host])
    const bytes = Buffer.alloc(SIZE)
    for (let at = 0; at < SIZE; at += 65_536 * 256) randomFillSync(bytes, at, Math.min(65_536, SIZE - at))
    await writeFile(join(project.folder, 'big.bin'), bytes)
    await project.write({
      'upload.yaml': playbook('- name: big file\n  copy: { src: big.bin, path: /opt/big.bin }'),
      'slow.yaml': playbook(`- name: note
  file: { path: /etc/note, content: "${'x'.repeat(5000)}" }
  notify: handled
- name: slow
  command: { run: sleep 4; touch /etc/slow-done, creates: /etc/slow-done }
- name: last
  file: { path: /etc/last, content: last }`) + '    handlers:\n      - name: handled\n        command: { run: echo handled >> /etc/handled }\n',
      'service.yaml': playbook(`- name: unit
  systemd-unit:
    name: slow.service
    content: |
      [Service]
      Type=oneshot
      RemainAfterExit=yes
      ExecStart=/bin/sleep 4
  notify: handled
- name: starts slowly
  service: { name: slow.service, state: started }`) + '    handlers:\n      - name: handled\n        command: { run: echo handled >> /etc/handled }\n',
    })
  }, 600_000)
  beforeEach(async () => {
    await asRoot(host, 'systemctl stop slow.service 2>/dev/null; rm -rf /etc/note /etc/slow-done /etc/last /etc/handled /etc/systemd/system/slow.service /opt/.big* /tmp/seen; systemctl daemon-reload; echo old > /opt/big.bin; rm -rf /var/lib/provision/owed')
  })
  afterEach(async () => {
    await proxy?.close()
    proxy = undefined
  })

  const eventsOf = async (file: string, trial = project): Promise<readonly RunEvent[]> =>
    (await readFile(join(trial.folder, file), 'utf8').catch(() => '')).split('\n').slice(0, -1).map((line) => JSON.parse(line) as RunEvent) // each whole line is an event

  /** Runs, and does something to the program once an event has come. */
  const brokenOff = async (name: string, when: (event: RunEvent) => boolean, act: (child: ChildProcess) => void | Promise<void>, { args = [] as readonly string[], trial = project, after = 0 } = {}): Promise<Told> => {
    let child: ChildProcess | undefined
    const events = `${name}.events`
    await trial.write({ [events]: '' })
    const told = trial.run(`${name}.yaml`, ['--events', events, ...args], { onStart: (started) => { child = started } })
    let ended = false
    void told.finally(() => { ended = true })
    while (!ended && !(await eventsOf(events, trial)).some(when)) await sleep(20)
    if (ended) throw new Error(`the run ended before: ${(await told).stderr}`)
    if (after > 0) await sleep(after)
    if (child !== undefined) await act(child)
    return told
  }
  const kill = (child: ChildProcess): void => { child.kill('SIGKILL') }
  const halfWay = (event: RunEvent): boolean => event.type === 'upload-progress' && event.sent > event.size * 0.3
  const started = (step: string) => (event: RunEvent): boolean => event.type === 'step-started' && event.step === step
  const throughProxy = async (link: TcpProxy): Promise<LabProject> => {
    const trial = await labProject([host], {
      connection: `{ ssh-config: ssh_config, known-hosts: ${host.knownHosts}, identity: ${host.key}, user: deploy, port: ${link.port} }`, hosts: { mi1: '{ address: 127.0.0.1 }' },
      files: { 'inventories/lab/ssh_config': `Host *\n  HostKeyAlias ${host.address}\n  ServerAliveInterval 1\n  ServerAliveCountMax 3\n` },
    })
    await trial.write({ 'slow.yaml': await readFile(join(project.folder, 'slow.yaml'), 'utf8') })
    await trial.write({ 'upload.yaml': playbook(`- name: big file\n  copy: { src: ${join(project.folder, 'big.bin')}, path: /opt/big.bin }`) })
    return trial
  }
  const figure = (what: string, value: string): void => { console.log(`figure: ${what}: ${value}`) }

  describe('in the middle of an upload', () => {
    /** Whoever looks sees the old file or the new one; what was sent is not sent again. */
    const goesOn = async (name: string, breakOff: () => Promise<Told>): Promise<void> => {
      const watch = asRoot(host, 'end=$(($(date +%s) + 60)); while [ $(date +%s) -lt $end ] && [ ! -e /tmp/watched ]; do stat -c %s /opt/big.bin; done | sort -n | uniq; rm -f /tmp/watched')
      const broken = await breakOff()
      await sleep(500) // the host ends what was cut off
      const [there, left] = (await asRoot(host, 'stat -c %s /opt/.big.bin.provision-part-*; cat /opt/big.bin')).split('\n')
      expect(left).toBe('old')
      expect(Number(there)).toBeGreaterThan(SIZE * 0.1)
      expect(Number(there)).toBeLessThan(SIZE)
      const again = await project.run('upload.yaml', ['--events', 'again.events'])
      await asRoot(host, 'touch /tmp/watched')
      expect({ code: again.code, seen: (await watch).trim().split('\n') }).toEqual({ code: exitCode.done, seen: ['4', String(SIZE)] })
      const progress = (await eventsOf('again.events')).filter((event) => event.type === 'upload-progress')
      expect(progress[0]?.sent).toBeGreaterThan(Number(there))
      expect(progress[0]?.sent).toBeLessThan(Number(there) + 4 * 1024 * 1024)
      expect(progress.at(-1)?.sent).toBe(SIZE)
      expect(await asRoot(host, 'ls -A /opt | grep big; cmp -s /opt/big.bin /dev/null || stat -c %s /opt/big.bin')).toBe(`big.bin\n${SIZE}\n`)
      figure(name, `${Number(there)} bytes were there, ${SIZE - Number(there)} sent again; broken off after ${Math.round(broken.ms)} ms, the next run took ${Math.round(again.ms)} ms`)
    }

    it('by kill -9, the next run sends the rest', async () => {
      await goesOn('upload killed', () => brokenOff('upload', halfWay, kill))
    })

    it('by a cut connection, the host is lost, exit 4, and the next run sends the rest', async () => {
      const link = await tcpProxy({ host: host.address, port: 22 })
      proxy = link
      const trial = await throughProxy(link)
      await goesOn('upload cut', async () => {
        const told = await brokenOff('upload', halfWay, () => link.reset(), { trial })
        expect(told.code).toBe(exitCode.unreachable)
        expect(told.stderr).toContain('lost: mi1\n  the connection to mi1 was lost')
        return told
      })
    })
  })

  it('in the middle of a check in place: the next run checks again, and puts the old file back', async () => {
    const site = (check: string, more = ''): string => `${playbook(`- name: site\n  file: { path: /etc/site, content: bad, validate-after: ${check} }\n${more}  notify: handled`)}    handlers:\n      - name: handled\n        command: { run: echo handled >> /etc/handled }\n`
    await project.write({ 'cut.yaml': site('sleep 60', '  timeout: 2\n'), 'site.yaml': site('"! grep bad /etc/site"') })
    await asRoot(host, 'printf old > /etc/site')
    const cut = await project.run('cut.yaml')
    expect([cut.code, await asRoot(host, 'cat /etc/site')]).toEqual([exitCode.failed, 'bad'])
    const again = await project.run('site.yaml')
    expect(again.stderr).toContain('the old file was put back')
    expect([again.code, await asRoot(host, 'cat /etc/site; ls -d /etc/.site.* /etc/handled 2>/dev/null || true')]).toEqual([exitCode.failed, 'old'])
  })

  describe('in the middle of a frame', () => {
    const owes = async (trial: LabProject): Promise<void> => {
      const plan = await trial.provision(['plan', 'slow.yaml', '-i', 'lab'])
      expect(plan.stdout).toContain('  mi1   change    handled — run echo handled >> /etc/handled (handler, owed by an earlier run)\n')
      const again = await trial.run('slow.yaml')
      expect(again.code).toBe(exitCode.done)
      expect(again.stderr).toMatch(/mi1 {3}ok {8}note\n/)
      expect(again.stderr).toMatch(/changed {3}handled — run echo handled >> \/etc\/handled \(handler, owed by an earlier run\)/)
      expect(await asRoot(host, 'cat /etc/handled; wc -c < /etc/note; cat /etc/last; ls -A /var/lib/provision/owed')).toBe('handled\n5000\nlast')
      const third = await trial.run('slow.yaml')
      expect(third.stderr).toContain('mi1   3 ok, 0 changed, 0 deferred, 0 skipped, 0 failed\nDone')
      expect(await asRoot(host, 'cat /etc/handled')).toBe('handled\n')
    }

    it('by kill -9, the next run waits for what still runs, and pays the handlers that are owed', async () => {
      const broken = await brokenOff('slow', started('slow'), kill, { after: 500 })
      expect(broken.code).toBeNull()
      const at = performance.now()
      const plan = await project.provision(['plan', 'slow.yaml', '-i', 'lab'])
      expect(plan.stdout).toContain('(handler, owed by an earlier run)')
      const again = await project.run('slow.yaml')
      figure('lock of a killed run', `the next run ended ${Math.round(performance.now() - at)} ms after the kill, of which the dead run's own script took up to 3500`)
      expect(again.code).toBe(exitCode.done)
      expect(await asRoot(host, 'cat /etc/handled; wc -c < /etc/note; cat /etc/last; ls -A /var/lib/provision/owed')).toBe('handled\n5000\nlast')
    })

    it('by a cut connection', async () => {
      const link = await tcpProxy({ host: host.address, port: 22 })
      proxy = link
      const trial = await throughProxy(link)
      const told = await brokenOff('slow', started('slow'), () => link.cut(), { trial, after: 500 })
      expect(told.code).toBe(exitCode.unreachable)
      expect(told.stderr).toContain('whether the script that ran was done is not known')
      await sleep(4500)
      // the step under way came to its end on the host; the shell ended when nobody was there to be told
      expect(await asRoot(host, 'ls /etc/note /etc/slow-done /etc/last /etc/handled 2>/dev/null || true')).toBe('/etc/note\n/etc/slow-done\n')
      const again = await project.run('slow.yaml')
      expect(await asRoot(host, 'cat /etc/last')).toBe('last')
      expect(again.stderr).toMatch(/handled — .*\(handler, owed by an earlier run\)/)
    })

    it('by silence, the host is lost once signs of life fail to come', async () => {
      const link = await tcpProxy({ host: host.address, port: 22 })
      proxy = link
      const trial = await throughProxy(link)
      let silent = 0
      const told = await brokenOff('slow', started('slow'), () => {
        link.silence()
        silent = performance.now()
      }, { trial, after: 300 })
      const ms = performance.now() - silent
      figure('black hole noticed with signs of life every second, three of which may be missed', `${Math.round(ms)} ms`)
      expect(told.code).toBe(exitCode.unreachable)
      expect(told.stderr).toContain('lost: mi1\n  the connection to mi1 was lost: no sign of life')
      expect(ms).toBeGreaterThan(2500)
      expect(ms).toBeLessThan(9000)
    })

    it('by a step that fails, the handlers of earlier steps are owed', async () => {
      const text = await readFile(join(project.folder, 'slow.yaml'), 'utf8')
      await project.write({ 'slow.yaml': text.replace('sleep 4; touch /etc/slow-done', 'test -e /etc/may-go && touch /etc/slow-done') })
      try {
        const told = await project.run('slow.yaml')
        expect(told.code).toBe(exitCode.failed)
        expect(await asRoot(host, 'ls /etc/handled 2>/dev/null; ls -A /var/lib/provision/owed')).toMatch(/^handled-[0-9a-f]{12}\n$/)
        await asRoot(host, 'touch /etc/may-go')
        await owes(project)
      } finally {
        await project.write({ 'slow.yaml': text })
        await asRoot(host, 'rm -f /etc/may-go')
      }
    })
  })

  it('in the middle of a service start by kill -9: the next run finds it started and pays the handler', async () => {
    await brokenOff('service', started('starts slowly'), kill, { after: 500 })
    const again = await project.run('service.yaml')
    figure('service start killed', `the next run took ${Math.round(again.ms)} ms`)
    expect(again.code).toBe(exitCode.done)
    expect(await asRoot(host, 'systemctl is-active slow.service; cat /etc/handled')).toBe('active\nhandled\n')
    expect((await project.run('service.yaml')).stderr).toContain('2 ok, 0 changed')
  })

  describe('by a signal', () => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      it(`${signal} once finishes what is under way, and says how to go on`, async () => {
        const told = await brokenOff('slow', started('slow'), (child) => { child.kill(signal) }, { after: 300, args: ['--limit', 'mi1', '--set', 'colour=dark blue'] })
        expect(told.code).toBe(exitCode.interrupted)
        expect(told.stderr).toContain('note      stopping once what is under way is finished; again to stop now\n')
        expect(told.stderr).toMatch(/Interrupted in [0-9.]+ s: 2 changed\.\nTo go on: node \S+main\.js run slow\.yaml -i lab --yes --events slow\.events --limit mi1 --set 'colour=dark blue'\n$/)
        expect(await asRoot(host, 'wc -c < /etc/note; ls /etc/slow-done; ls /etc/handled 2>/dev/null; ls -A /run/provision')).toBe('5000\n/etc/slow-done\n')
        expect((await project.run('slow.yaml')).stderr).toMatch(/handled — .*\(handler, owed by an earlier run\)/)
      })
    }

    it('twice stops now', async () => {
      let last = 0
      const told = await brokenOff('slow', started('slow'), async (child) => {
        child.kill('SIGINT')
        await sleep(300)
        last = performance.now()
        child.kill('SIGINT')
      }, { after: 300 })
      expect(performance.now() - last).toBeLessThan(1000)
      expect(told.code).toBe(exitCode.interrupted)
      expect(told.stderr).toMatch(/\nInterrupted: what a host had begun may still go on there\.\nTo go on: node \S+main\.js run slow\.yaml -i lab --yes --events slow\.events\n$/)
      expect((await project.run('slow.yaml')).code).toBe(exitCode.done)
    })

    it('before anything was begun ends at once', async () => {
      const silent = host.address.replace(/\d+$/, '251')
      const trial = await labProject([host], { hosts: { mi1: `{ address: ${silent} }` }, connection: `{ identity: ${host.key}, known-hosts: ${host.knownHosts}, user: deploy }`, files: { 'slow.yaml': await readFile(join(project.folder, 'slow.yaml'), 'utf8') } })
      let child: ChildProcess | undefined
      const told = trial.run('slow.yaml', ['--json', '--events', 'events'], { onStart: (one) => { child = one } })
      while (await stat(join(trial.folder, 'events')).then(() => false, () => true)) await sleep(20) // made just before it connects
      await sleep(200)
      child?.kill('SIGINT')
      const { code, stdout, stderr, ms } = await told
      expect(ms).toBeLessThan(8000)
      expect({ code, stderr }).toEqual({ code: exitCode.interrupted, stderr: '\nInterrupted: nothing was changed.\n' })
      expect(JSON.parse(stdout)).toMatchObject({ status: 'failed', stopped: 'interrupted', hosts: {} })
    })
  })

  it('two at once: the second waits for the first, and gives up naming it', async () => {
    let holder: Promise<Told> | undefined
    const started1 = new Promise<void>((resolve) => {
      holder = brokenOff('slow', started('slow'), () => { resolve() })
    })
    await started1
    const impatient = await project.run('service.yaml', ['--wait-for-lock', '1'])
    expect(impatient.code).toBe(exitCode.locked)
    expect(impatient.stderr).toMatch(/failed: mi1, "unit"\n {2}the host is locked by root@\S+, slow\.yaml, process \d+, since \d{4}-\d\d-\d\dT[\d:]{8}Z \[locked\]\n {2}hint: wait for that run to end, then run again; where it will not end, provision unlock\n/)
    const patient = await project.run('service.yaml')
    figure('a second run behind a lock', `${Math.round(patient.ms)} ms`)
    expect(patient.code).toBe(exitCode.done)
    expect((await holder)?.code).toBe(exitCode.done)
  })
})
