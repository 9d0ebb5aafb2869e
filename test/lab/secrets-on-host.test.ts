import { spawn } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { exitCode } from '../../src/core/errors.js'
import { Secret } from '../../src/core/secret.js'
import { encryptText } from '../../src/inventory/vault/age.js'
import { labProject, playbook, type LabProject } from '../support/lab-project.js'
import { labHosts, noHostsReason, titled, type TestHost } from '../support/lab.js'

const reason = await noHostsReason()
const key = 'a passphrase that is long enough'
/** Values of the vault; none may be seen but in files that shall hold them. */
const canaries = { file_secret: "canary-one-'quoted' $(id) \\n", template_secret: 'canary-two-in-a-template', input_secret: 'canary-three-on-standard-input', told_secret: 'canary-four-that-a-command-prints' } as const
const password = 'operator-lab'
const watched = [...Object.values(canaries), 'canary-'] // parts of them, too
const bait = 'bait-for-the-sampler'

describe.skipIf(reason !== undefined)(titled('secrets on a host', { reason }), () => {
  let host: TestHost
  let project: LabProject

  beforeAll(async () => {
    const [first] = (await labHosts(['mi1'], 'secrets')).hosts
    if (first === undefined) throw new Error('the lab made no host')
    host = first
    const vault = await encryptText(Object.entries({ ...canaries, sudo_password: password }).map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`).join(''), { kind: 'passphrase', passphrase: new Secret(key) })
    project = await labProject([host], {
      connection: `{ known-hosts: ${host.knownHosts}, user: operator, password: "{{ sudo_password }}", become: { password: "{{ sudo_password }}" } }`,
      files: {
        'inventories/lab/vault.yaml': vault,
        'inventories/lab/vault.key': key,
        'templates/app.conf.njk': 'user=app\npassword={{ template_secret }}\n',
        'site.yaml': playbook(`- name: file with a secret
  file: { path: /etc/app-secret, content: "{{ file_secret }}", mode: '0600' }
- name: configuration with a secret
  template: { src: app.conf.njk, path: /etc/app.conf, mode: '0640', validate: grep -q password %s }
- name: line with a secret
  line: { path: /etc/app.conf, line: "other={{ file_secret | b64encode }}" }
- name: a command that reads a secret
  command: { run: 'sleep 1; wc -c > /etc/app-length', stdin: "{{ input_secret }}", creates: /etc/app-length }
- name: a command that prints a secret
  command: { run: 'cat; cat /etc/app-told >&2; sleep 0.5; exit 1', stdin: "{{ told_secret }}", creates: /etc/never }`),
      },
    })
  }, 600_000)

  /** Feeds a program of the host's root; what it reads is in nobody's arguments. */
  const fed = (command: string, input: string): Promise<string> => new Promise((resolve, reject) => {
    const child = spawn('ssh', ['-F', host.sshConfig, host.name, `sudo ${command}`], { stdio: ['pipe', 'pipe', 'inherit'] })
    let out = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => { out += text })
    child.once('error', reject)
    child.once('close', (code) => (code === 0 ? resolve(out) : reject(new Error(`${command} ended with ${code}`))))
    child.stdin.end(input)
  })
  const perlWords = (words: readonly string[]): string => `(${words.map((word) => `"${[...Buffer.from(word)].map((byte) => `\\x{${byte.toString(16)}}`).join('')}"`).join(', ')})`

  /** Looks at the arguments and environment of all processes as often as it can. */
  const sampler = (): Promise<string> => fed('perl -', `
my $secret = join '|', map quotemeta, ${perlWords([...watched, password, bait])};
my ($rounds, %seen) = (0);
my $end = time + 90;
while (time < $end && !-e '/var/tmp/sampled') {
  $rounds++;
  for my $process (glob '/proc/[0-9]*') {
    next if $process eq "/proc/$$";
    for my $what ('cmdline', 'environ') {
      open my $file, '<', "$process/$what" or next;
      local $/;
      my $text = <$file>;
      $seen{"$what: " . ($text =~ tr/\\0/ /r)} = 1 if defined $text && $text =~ /$secret/;
    }
  }
}
unlink '/var/tmp/sampled';
print "rounds $rounds\\n", map { "$_\\n" } sort keys %seen;
`)
  /** Files below these folders that hold any of the words. */
  const holding = async (words: readonly string[]): Promise<readonly string[]> => (await fed('perl -', `
my $secret = join '|', map quotemeta, ${perlWords(words)};
my @folders = ('');
while (defined(my $folder = shift @folders)) {
  opendir my $entries, "$folder/" or next;
  for my $path (map { "$folder/$_" } grep { !/^\\.\\.?$/ } readdir $entries) {
    next if $path =~ m{^/(proc|sys|dev|usr/share|usr/lib)$};
    my @stat = lstat $path or next;
    push @folders, $path if -d _;
    next unless -f _;
    open my $file, '<', $path or next;
    local $/;
    my $text = <$file>;
    printf "%s %04o %s\\n", $path, $stat[2] & 07777, scalar getpwuid $stat[4] if defined $text && $text =~ /$secret/;
  }
}
my $journal = \`journalctl --no-pager --all\`;
print "the journal\\n" if $journal =~ /$secret/;
`)).trim().split('\n').filter((line) => line !== '').sort()

  it('are in no arguments, no environment, no output, and only in the files that shall hold them', async () => {
    const before = await holding([password])
    const sampling = sampler()
    await fed(`sh -c "sleep 0.5; : ${bait}"`, '') // what shows that the sampler sees what is there to be seen
    const plan = await project.provision(['plan', 'site.yaml', '-i', 'lab', '--diff'])
    const run = await project.run('site.yaml', ['--diff', '-v', '-v', '--json', '--events', 'events', '--transcript', 'transcript'])
    const told = await project.run('site.yaml', ['--diff', '-v', '-v'])
    await fed('touch /var/tmp/sampled', '')
    const [rounds, ...seen] = (await sampling).trim().split('\n')
    console.log(`figure: processes of the host were looked at ${rounds?.replace('rounds ', '') ?? ''} times`)
    expect(seen.filter((line) => !line.includes(bait))).toEqual([])
    expect(seen.length).toBeGreaterThan(0)
    expect(Number(rounds?.replace('rounds ', ''))).toBeGreaterThan(20)

    expect({ plan: plan.code, run: run.code, told: told.code }).toEqual({ plan: exitCode.done, run: exitCode.failed, told: exitCode.failed })
    const events = await readFile(join(project.folder, 'events'), 'utf8')
    const transcript = await readFile(join(project.folder, 'transcript'), 'utf8')
    for (const [what, text] of Object.entries({ plan: plan.stdout + plan.stderr, json: run.stdout, narration: run.stderr, told: told.stdout + told.stderr, events, transcript })) {
      for (const word of [...watched, password, Buffer.from(canaries.file_secret).toString('base64')]) expect(text.includes(word) ? `${what} holds ${word}` : 'nothing').toBe('nothing')
    }
    // they tell of the work all the same
    expect(told.stderr).toContain('| ••••••••')
    expect(transcript.split('\n').length).toBeGreaterThan(3)
    expect(transcript).toContain('/etc/app-secret')
    expect(plan.stdout).toContain('password=••••••••')

    expect(await holding(watched)).toEqual(['/etc/app-secret 0600 root', '/etc/app.conf 0640 root'])
    expect(await holding([password])).toEqual(before)
  })

  it('are dots wherever a step repeats what a host said: in names, messages, reasons, files of machines and the journal, which a run goes on with', async () => {
    await writeFile(join(project.folder, 'told.yaml'), playbook(`- name: w
  file: { path: /srv/told, mode: '0600', content: "pw={{ file_secret }}\\nlast\\n" }
- name: cat
  command: { run: 'cat /srv/told; touch /srv/told-done', creates: /srv/told-done }
  register: r
- name: dbg
  debug: { message: '{{ r.stdout }}' }
- name: lp
  debug: { message: '{{ item }}' }
  loop: "{{ r.stdout | split('\\n') }}"
- name: reason
  debug: { message: never }
  when: r.stdout == 'no'
- name: act with {{ r.stdout }}
  command: { run: 'echo {{ r.stdout | quote }} >/dev/null; touch /srv/told-{{ item }}', creates: '/srv/told-{{ item }}' }
  loop: [a, b]
- name: end
  command: { run: 'test -e /srv/told-mended && touch /srv/told-ended', creates: /srv/told-ended }`))
    const state = { XDG_STATE_HOME: join(project.folder, 'state') }
    const options = ['--diff', '-v', '-v', '--events', 'events', '--transcript', 'transcript', '--junit', 'junit.xml']
    const run = await project.run('told.yaml', [...options, '--json'], { env: { ...state, GITHUB_ACTIONS: 'true' } })
    await fed('touch /srv/told-mended', '')
    const runs = join(project.folder, 'state/provision/runs')
    const journals = async (): Promise<string> => (await Promise.all((await readdir(runs)).map((name) => readFile(join(runs, name), 'utf8')))).join('')
    const first = { json: run.stdout, narration: run.stderr, events: await readFile(join(project.folder, 'events'), 'utf8'), transcript: await readFile(join(project.folder, 'transcript'), 'utf8'), junit: await readFile(join(project.folder, 'junit.xml'), 'utf8') }
    const resumed = await project.run('told.yaml', [...options, '--resume'], { env: state })
    await fed('tee -a /srv/told', 'by hand\n')
    const later = await Promise.all([['history', '--json'], ['show', (await readdir(runs)).toSorted()[0]?.replace('.ndjson', '') ?? ''], ['drift', 'told.yaml', '-i', 'lab', '--diff'], ['drift', 'told.yaml', '-i', 'lab', '--json']].map((args) => project.provision(args, { env: state })))
    expect(later.map(({ code }) => code)).toEqual([exitCode.done, exitCode.done, exitCode.changes, exitCode.changes])
    expect(later[2]?.stdout).toContain('file:/srv/told')
    expect({ run: run.code, resumed: resumed.code }).toEqual({ run: exitCode.failed, resumed: exitCode.done })
    for (const [what, text] of Object.entries({ ...first, told: resumed.stdout + resumed.stderr, journals: await journals(), later: later.map(({ stdout, stderr }) => stdout + stderr).join('') })) expect(text.includes('canary-') ? `${what} holds it: ${text}` : 'nothing').toBe('nothing')
    expect(first.json).toContain('pw=••••••••')
    expect(first.junit).toContain('pw=••••••••')
    expect(first.narration).toContain('::error file=told.yaml,')
    expect(await journals()).toContain('act with pw=••••••••')
    expect(resumed.stderr).toContain('done by the run of')
  })
})
