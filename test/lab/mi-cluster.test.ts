import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/core/events.js'
import type { Verdict } from '../../src/core/verdict.js'
import { expiredCertificate } from '../support/expired-certificate.js'
import { askBalancer, certificateOn, hostNames, practiceCluster, servedCertificate, serviceName, treeChanges, treeOf, type Cluster } from '../support/cluster.js'
import { clientsOf, questionsFor } from '../support/clients.js'
import { noHostsReason, titled } from '../support/lab.js'

type Settled = Extract<RunEvent, { type: 'step-settled' }>
interface Document { readonly hosts: Readonly<Record<string, { readonly changed: number; readonly deferred: number; readonly failed: number; readonly round_trips: number }>>; readonly plays: readonly { readonly steps: readonly Settled[] }[] }
interface Ran { readonly code: number | null; readonly text: string; readonly document: Document; readonly steps: readonly Settled[] }

const home = '/opt/wso2/wso2mi-4.2.0'
const nodes = ['mi1', 'mi2'] as const
const ours = { mi1: '/opt/wso2/pki/mi1.pem', mi2: '/opt/wso2/pki/mi2.pem', lb1: `/opt/provision/pki/${serviceName}.pem` } as const

/** Runs or plans, and reads what machines are told. */
const told = async (cluster: Cluster, verb: 'plan' | 'run', ...more: readonly string[]): Promise<Ran> => {
  const events = join(cluster.directory, 'events.jsonl')
  await writeFile(events, '')
  const { code, stdout, stderr } = await cluster.call(verb, ...(verb === 'run' ? ['--yes'] : []), '--json', '--events', events, ...more)
  const steps = (await readFile(events, 'utf8')).split('\n').filter(Boolean).map((line) => JSON.parse(line) as RunEvent) // written by our own reporter
    .filter((event): event is Settled => event.type === 'step-settled')
  return { code, text: stderr, steps, document: JSON.parse(stdout) as Document } // the same
}

/** What was done to hosts, apart from waiting, as `host: step`. */
const changed = ({ steps }: Ran): readonly string[] =>
  steps.filter(({ verdict, module }) => verdict.status === 'change' && module !== 'wait-for').map(({ host, step }) => `${host}: ${step}`)

/** The part of a verdict that a reader of a plan agrees to. */
const agreed = (verdict: Verdict): unknown =>
  (verdict.status === 'change' ? verdict.changes.map(({ summary, diff, actions }) => ({ summary, diff, actions })) : verdict.status)
const keyed = (steps: readonly Settled[]): Map<string, Settled> => {
  const counts = new Map<string, number>()
  return new Map(steps.map((step) => {
    const key = [step.play, step.host, step.step].join(' · ')
    counts.set(key, (counts.get(key) ?? 0) + 1)
    return [`${key} · ${counts.get(key) ?? 0}`, step]
  }))
}

const trees = async (cluster: Cluster, without: readonly string[] = []): Promise<readonly (readonly string[])[]> => Promise.all(hostNames.map((host) => treeOf(cluster, host, without)))
const untouched = async (cluster: Cluster, before: readonly (readonly string[])[], without: readonly string[] = []): Promise<void> => {
  const after = await trees(cluster, without)
  hostNames.forEach((host, index) => expect(treeChanges(before[index] ?? [], after[index] ?? []), `what changed on ${host}`).toEqual([]))
}

type Database = 'mariadb' | 'postgresql'
const sql = async ({ root }: Cluster, database: Database, query: string): Promise<readonly (readonly string[])[]> => {
  const client = database === 'mariadb' ? 'mariadb --batch --skip-column-names clusterdb' : "cd / && runuser -u postgres -- psql -XAtqF '\t' -v ON_ERROR_STOP=1 clusterdb"
  return (await root('db1', `${client} <<'END_OF_SQL'\n${query};\nEND_OF_SQL\n`)).split('\n').filter(Boolean).map((row) => row.split('\t'))
}
const owners = async (cluster: Cluster, database: Database): Promise<readonly string[]> =>
  (await sql(cluster, database, 'SELECT DESTINED_NODE_ID FROM COORDINATED_TASK_TABLE')).map(([owner = '']) => owner)

/** Every node has joined, by the database's own rows. */
const coordinated = async (cluster: Cluster, database: Database): Promise<void> => {
  const beats = async (): Promise<ReadonlyMap<string, number>> =>
    new Map((await sql(cluster, database, 'SELECT NODE_ID, LAST_HEARTBEAT FROM CLUSTER_NODE_STATUS_TABLE')).map(([node = '', beat]) => [node, Number(beat)]))
  const first = await beats()
  await sleep(6000)
  const second = await beats()
  expect([...second.keys()].sort()).toEqual([...nodes])
  for (const node of nodes) expect(second.get(node) ?? 0, `heartbeat of ${node}`).toBeGreaterThan(first.get(node) ?? 0)
  expect(await sql(cluster, database, 'SELECT NODE_ID FROM LEADER_STATUS_TABLE')).toHaveLength(1)
  expect(await owners(cluster, database)).toEqual([expect.stringMatching(/^mi[12]$/)])
}

/** What a node has logged since its current start. */
const journal = ({ root }: Cluster, node: string): Promise<string> => root(node, 'journalctl --quiet --no-pager --output=cat _SYSTEMD_INVOCATION_ID="$(systemctl show -p InvocationID --value mi.service)"')

const reason = await noHostsReason()
const passwordsOf = async ({ root }: Cluster): Promise<readonly string[]> =>
  [...new Set([...(await root('mi1', `cat ${home}/conf/deployment.toml`)).matchAll(/^(?:\S*password) = "(.*)"$/gm)].flatMap(([, password = '']) => password))]

/** The whole job, from empty hosts to a cluster at rest. */
const bringUp = (database: Database, settings: readonly string[]): (() => Cluster) => {
  let made: Cluster | undefined
  const cluster = (): Cluster => made ?? expect.fail('the hosts are not up')
  let planned: Ran
  const quiet = ['/var/lib/mysql', '/var/lib/postgresql', `${home}/repository/logs`, `${home}/tmp`]

  beforeAll(async () => { made = await practiceCluster(`mi-${database}`, [`database_type=${database}`, ...settings]) })

  it.sequential('plans all of it, most of it decided, and writes nothing', async () => {
    const before = await trees(cluster())
    planned = await told(cluster(), 'plan')
    expect(planned.code, planned.text).toBe(0)
    await untouched(cluster(), before)
    const statuses = planned.document.plays.flatMap(({ steps }) => steps).map(({ verdict }) => verdict.status)
    expect(new Set(statuses)).not.toContain('failed')
    expect([...new Set(planned.steps.map(({ play }) => play))]).toEqual(['Database server', 'Nodes', 'Load balancer', 'Start nodes, one after the other', 'Load balancer, with every node', 'Hardening of the nodes', 'Proof of the cluster in its database', 'Proof through the load balancer'])
    const share = (100 * statuses.filter((status) => status !== 'deferred' && status !== 'failed').length) / statuses.length
    expect(share, `${share.toFixed(1)} % of ${statuses.length} steps are decided on empty hosts`).toBeGreaterThanOrEqual(85)
    process.stderr.write(`${database}: ${share.toFixed(1)} % of ${statuses.length} steps decided on empty hosts\n`)
  })

  it.sequential('does what the plan announced', async () => {
    await Promise.all(hostNames.map((host) => cluster().root(host, `umask 077
systemd-run --quiet --unit=watch-processes sh -c 'while :; do cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\\\0" " "; echo; sleep 0.05; done > /run/watched-processes'`)))
    const ran = await told(cluster(), 'run')
    expect(ran.code, ran.text).toBe(0)
    const [plan, run] = [keyed(planned.steps), keyed(ran.steps)]
    const agreedSteps = [...plan].filter(([, { verdict }]) => verdict.status !== 'deferred')
    expect(agreedSteps.map(([key]) => [key, agreed(run.get(key)?.verdict ?? { status: 'skipped', because: 'not run' })])).toEqual(agreedSteps.map(([key, { verdict }]) => [key, agreed(verdict)]))
    // what stays undecided may turn out not to be there: handlers that nobody notifies
    expect([...run.keys()].filter((key) => !plan.has(key))).toEqual([])
    await Promise.all(hostNames.map((host) => cluster().root(host, 'systemctl stop watch-processes')))
  })

  it.sequential('proves itself by rows, ports, certificates and answers', async () => {
    const { host, authority, root } = cluster()
    await coordinated(cluster(), database)
    for (const node of nodes) {
      expect(await root(node, 'curl -sS http://127.0.0.1:9201/healthz')).toContain('ready')
      const wanted = await certificateOn(cluster(), node, ours[node])
      for (const port of [8253, 9164]) expect(await servedCertificate(host(node).address, port, node, authority), `${node}:${port}`).toBe(wanted)
      expect(await journal(cluster(), node)).toContain(`Successfully joined the cluster with id [${node}]`)
    }
    expect(await servedCertificate(host('lb1').address, 443, serviceName, authority)).toBe(await certificateOn(cluster(), 'lb1', ours.lb1))
    const answers = await Promise.all(Array.from({ length: 12 }, () => askBalancer(cluster())))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(new Set(answers.map(({ node }) => node))).toEqual(new Set(nodes))
    const [owner] = await owners(cluster(), database)
    for (const node of nodes) expect((await journal(cluster(), node)).includes('Task scheduled: [ESB_TASK][sample-task]'), `the task runs on ${node}`).toBe(node === owner)
  })

  it.sequential('leaves no shipped key, no open secret and no password where others read', async () => {
    const { root } = cluster()
    const passwords = await passwordsOf(cluster())
    expect(passwords.length).toBeGreaterThanOrEqual(3)
    for (const node of nodes) {
      expect(await root(node, `ls ${home}/repository/resources/security`)).toBe('node.p12\ntrust.p12\n')
      expect(await root(node, `stat -c '%a %U %n' ${home}/conf/deployment.toml ${home}/repository/resources/security/*.p12 /opt/wso2/pki/*.key | sed 's|/.*/||'`))
        .toBe(`640 wso2 deployment.toml\n640 wso2 node.p12\n640 wso2 trust.p12\n600 wso2 ${node}.key\n`)
    }
    expect(await root('lb1', 'stat -c "%a %U" /opt/provision/pki/*.key')).toBe('600 root\n')
    for (const host of hostNames) {
      const readable = await root(host, 'cat /run/watched-processes; journalctl --no-pager --output=export; cat /etc/systemd/system/*.service /proc/[0-9]*/environ 2>/dev/null | tr "\\0" "\\n"; setpriv --reuid=nobody --regid=nogroup --clear-groups find / -xdev -type f -readable -size -200k -newer /etc/hostname -exec cat {} + 2>/dev/null; true')
      expect(readable.length).toBeGreaterThan(10_000)
      for (const password of passwords) expect(readable.includes(password), `a password is readable on ${host}`).toBe(false)
    }
    const events = await readFile(join(cluster().directory, 'events.jsonl'), 'utf8')
    for (const password of passwords) expect(events.includes(password), 'a password is in the events').toBe(false)
  })

  it.sequential('has nothing to do the second time, in two questions a host', async () => {
    const before = await trees(cluster(), quiet)
    const again = await told(cluster(), 'run')
    expect(again.code).toBe(0)
    expect(again.steps.filter(({ verdict }) => verdict.status !== 'ok' && verdict.status !== 'skipped')).toEqual([])
    for (const [host, recap] of Object.entries(again.document.hosts)) {
      expect(recap, host).toMatchObject({ changed: 0, deferred: 0, failed: 0 })
      expect(recap.round_trips, `round trips of ${host}`).toBeLessThanOrEqual(3)
    }
    await untouched(cluster(), before, quiet)
  })
  return cluster
}

interface Break {
  readonly title: string
  readonly host: string
  readonly script: string | ((cluster: Cluster) => Promise<string>)
  /** What mends it, and nothing else. */
  readonly mends: readonly string[] | { /** Where time decides. */ readonly atMost: readonly string[] }
}

const mends = (cluster: () => Cluster, database: Database, breaks: readonly Break[]): void => {
  for (const { title, host, script, mends: wanted } of breaks) {
    it.sequential(`mends ${title}, and only that`, async () => {
      await cluster().root(host, typeof script === 'string' ? script : await script(cluster()))
      const ran = await told(cluster(), 'run')
      expect(ran.code, ran.text).toBe(0)
      if ('atMost' in wanted) expect(wanted.atMost).toEqual(expect.arrayContaining([...changed(ran)]))
      else expect(changed(ran)).toEqual(wanted)
      if (host.startsWith('mi')) await coordinated(cluster(), database)
    })
  }
}

describe.concurrent(titled('the cluster on MariaDB', { reason }), () => {
  if (reason !== undefined) return void it.skip(`needs hosts: ${reason}`, () => {})
  const cluster = bringUp('mariadb', [])

  mends(cluster, 'mariadb', [
    { title: 'a line of deployment.toml edited by hand', host: 'mi1', script: `sed -i 's/^hostname = .*/hostname = "elsewhere"/' ${home}/conf/deployment.toml`, mends: ['mi1: deployment.toml', 'mi1: restart node'] },
    { title: 'a site that is gone', host: 'lb1', script: 'rm /etc/nginx/conf.d/micro-integrator.conf && systemctl reload nginx', mends: ['lb1: site', 'lb1: reload nginx'] },
    { title: 'a site edited by hand', host: 'lb1', script: "sed -i 's/proxy_next_upstream .*/proxy_next_upstream off;/' /etc/nginx/conf.d/micro-integrator.conf", mends: ['lb1: site', 'lb1: reload nginx'] },
    { title: 'an expired certificate', host: 'mi2', script: expiredCertificate, mends: ['mi2: certificate', 'mi2: key of the node', 'mi2: restart node'] },
  ])

  it.sequential('serves the certificate that was renewed', async () => {
    const { host, authority } = cluster()
    const wanted = await certificateOn(cluster(), 'mi2', ours.mi2)
    for (const port of [8253, 9164]) expect(await servedCertificate(host('mi2').address, port, 'mi2', authority)).toBe(wanted)
  })

  it.sequential('stops at a schema with a table missing, and touches nothing else', async () => {
    const { root } = cluster()
    await root('db1', 'mariadb-dump clusterdb COORDINATED_TASK_TABLE > /root/table.sql && mariadb clusterdb -e "DROP TABLE COORDINATED_TASK_TABLE"')
    try {
      const ran = await told(cluster(), 'run')
      expect(ran.code).toBe(1)
      expect(changed(ran)).toEqual([])
      const failed = ran.steps.flatMap(({ host, step, verdict }) => (verdict.status === 'failed' ? [{ host, step, ...verdict.error }] : []))
      expect(failed).toMatchObject([{ host: 'db1', step: 'tables of mysql/mysql_cluster.sql', code: 'partial-schema', hint: expect.stringMatching(/\S/) }])
      expect(ran.text).toContain('Nothing was changed.')
    } finally {
      await root('db1', 'mariadb clusterdb < /root/table.sql && rm /root/table.sql')
    }
    await coordinated(cluster(), 'mariadb')
  })

  it.sequential('shows what another database password would change, and no password', async () => {
    const plan = await cluster().call('plan', '--diff', '--set', 'mi_database_password=another-password-1')
    expect(plan.code).toBe(0)
    expect(plan.stdout + plan.stderr).not.toContain('another-password-1')
    const lines = plan.stdout.split('\n').filter((line) => /^ {2}\S+ +change /.test(line)).map((line) => line.replace(/ —.*/, '').trim())
    expect(lines).toEqual(['db1   change    an account for each node', 'mi1   change    deployment.toml', 'mi2   change    deployment.toml', expect.stringContaining('mi1   change    restart node'), expect.stringContaining('mi2   change    restart node')])
  })

  it.sequential('drills the failover: the task moves, and clients are answered', async () => {
    const before = await owners(cluster(), 'mariadb')
    const seen: string[] = []
    let [asked, unanswered, running] = [0, 0, true]
    const clients = (async () => {
      while (running) {
        asked++
        await askBalancer(cluster()).then(({ status }) => { if (status !== 200) unanswered++ }, () => { unanswered++ })
        await sleep(100)
      }
    })()
    const watch = (async () => {
      while (running) {
        for (const owner of await owners(cluster(), 'mariadb')) if (/^mi/.test(owner) && seen.at(-1) !== owner) seen.push(owner)
        await sleep(500)
      }
    })()
    const drill = await told(cluster(), 'run', '--tags', 'failover')
    running = false
    await Promise.all([clients, watch])
    expect(drill.code, drill.text).toBe(0)
    expect(changed(drill)).toEqual(['mi1: node is stopped', 'mi1: node runs again', 'mi2: node is stopped', 'mi2: node runs again'])
    process.stderr.write(`failover: the task was on ${[...before, ...seen].join(', ')}; ${unanswered} of ${asked} requests were not answered\n`)
    expect(seen.slice(-1)).toEqual(['mi1']) // mi2 stopped last
    expect(seen).toContain('mi2') // while mi1 was stopped
    expect(unanswered, `of ${asked} requests`).toBeLessThanOrEqual(asked / 50)
    await coordinated(cluster(), 'mariadb')
  })

  const verified = async (): Promise<{ readonly code: number | null; readonly failed: readonly string[] }> => {
    const { code, stdout } = await cluster().call('verify', '--json')
    const { plays } = JSON.parse(stdout) as Document // written by our own reporter
    return { code, failed: plays.flatMap(({ steps }) => steps).flatMap(({ host, step, verdict }) => (verdict.status === 'failed' ? [`${host}: ${step}`] : [])) }
  }

  it.sequential('restarts node by node without a failed request, and verifies', async () => {
    const starts = (): Promise<readonly string[]> => Promise.all(nodes.map((node) => cluster().root(node, 'systemctl show -p InvocationID --value mi.service')))
    const before = await starts()
    const clients = clientsOf(cluster().host('lb1').address, cluster().authority, questionsFor(serviceName, '/'))
    const { code, stderr } = await cluster().call('operations/mi-rolling-restart', '--yes')
    const answers = await clients.end()
    expect(code, stderr).toBe(0)
    process.stderr.write(`rolling restart: ${answers.failed.length} of ${answers.asked} requests were not answered\n`)
    expect(answers.failed).toEqual([])
    expect(Object.keys(answers.from).sort()).toEqual([...nodes])
    for (const [index, start] of (await starts()).entries()) expect(start, nodes[index]).not.toBe(before[index])
    expect(await verified()).toEqual({ code: 0, failed: [] })
    // what was altered at the balancer is as the cluster's playbook wants it
    expect((await cluster().call('plan', '--detailed-exitcode')).code).toBe(0)
  })

  it.sequential('verifies what is wrong, all of it, and changes nothing', async () => {
    const { root } = cluster()
    await root('mi2', 'systemctl stop mi')
    await root('lb1', 'systemctl stop nginx')
    const before = await treeOf(cluster(), 'lb1')
    try {
      const { code, failed } = await verified()
      expect(code).toBe(1)
      expect(failed).toEqual(expect.arrayContaining(['lb1: requests reach every node', 'mi2: the node runs', 'mi2: it serves its own certificate at 8253', 'lb1: nginx runs']))
      expect(failed.filter((line) => line.startsWith('mi1'))).toEqual([])
      expect(treeChanges(before, await treeOf(cluster(), 'lb1'))).toEqual([])
    } finally {
      await root('lb1', 'systemctl start nginx')
      await root('mi2', 'systemctl start mi')
    }
  })

  it.sequential('plans without a host that is not reached, and says so', async () => {
    const { root } = cluster()
    const rest = hostNames.filter((host) => host !== 'mi2')
    const quiet = ['/var/lib/mysql', `${home}/repository/logs`, `${home}/tmp`]
    const before = await Promise.all(rest.map((host) => treeOf(cluster(), host, quiet)))
    await root('mi2', 'systemd-run --quiet --on-active=30 systemctl start ssh; systemctl stop ssh.socket 2>/dev/null; systemctl stop ssh')
    const plan = await cluster().call('plan')
    expect(plan.stdout + plan.stderr).toMatch(/mi2 +unreachable: /)
    expect(plan.code).toBe(4)
    const after = await Promise.all(rest.map((host) => treeOf(cluster(), host, quiet)))
    rest.forEach((host, index) => expect(treeChanges(before[index] ?? [], after[index] ?? []), host).toEqual([]))
    const run = await cluster().call('run', '--yes')
    expect(run.code).toBe(4)
    expect(run.stderr).toContain('Nothing was changed.')
  })
})

describe.concurrent(titled('the cluster on PostgreSQL, tasks in turn', { reason }), () => {
  if (reason !== undefined) return void it.skip(`needs hosts: ${reason}`, () => {})
  const cluster = bringUp('postgresql', ['task_resolver=round-robin'])

  it.sequential('has told the nodes how tasks are resolved', async () => {
    const text = await cluster().root('mi1', `cat ${home}/conf/deployment.toml`)
    expect(text).toContain('resolver_class = "org.wso2.micro.integrator.ntask.coordination.task.resolver.RoundRobinResolver"')
    expect(text).toMatch(/\[\[task_resolver\]\]\ntask_server_count = "2"\n/)
  })

  mends(cluster, 'postgresql', [
    { title: 'a JDBC driver that is gone', host: 'mi1', script: `rm ${home}/lib/postgresql*.jar`, mends: ['mi1: JDBC driver', 'mi1: restart node'] },
    { title: 'a line of /etc/hosts that is gone', host: 'mi1', script: "sed '/ mi2$/d' /etc/hosts > /etc/hosts.new && cat /etc/hosts.new > /etc/hosts && rm /etc/hosts.new", mends: ['mi1: name and address (mi2)'] },
    { title: 'a keystore that is gone', host: 'mi2', script: `rm ${home}/repository/resources/security/node.p12`, mends: ['mi2: key of the node', 'mi2: restart node'] },
    { title: 'a unit edited by hand', host: 'mi1', script: "sed -i 's/^LimitNOFILE=.*/LimitNOFILE=1024/' /etc/systemd/system/mi.service", mends: ['mi1: unit of the node', 'mi1: restart node'] },
    { title: 'a node that is stopped', host: 'mi2', script: 'systemctl stop mi', mends: ['mi2: node runs'] },
    { title: 'a node that was killed', host: 'mi1', script: 'kill -9 $(pgrep -u wso2 -x java)', mends: { atMost: ['mi1: node runs'] } },
  ])

  it.sequential('gives tasks to the nodes that are named', async ({ expect }) => {
    const ran = await told(cluster(), 'run', '--set', 'task_resolver=task-nodes', '--set', 'task_nodes=[mi2]')
    expect(ran.code, ran.text).toBe(0)
    expect(changed(ran).slice(0, 2).sort()).toEqual(['mi1: deployment.toml', 'mi2: deployment.toml'])
    expect(changed(ran).slice(2)).toEqual(['mi1: restart node', 'mi2: restart node'])
    const text = await cluster().root('mi1', `cat ${home}/conf/deployment.toml`)
    expect(text).toContain('resolver_class = "org.wso2.micro.integrator.ntask.coordination.task.resolver.TaskNodeResolver"')
    expect(text).toMatch(/\[\[task_resolver\]\]\ntask_nodes = "mi2"\n/)
    await coordinated(cluster(), 'postgresql')
    // a task stays where it is while that node lives: the resolver chooses its next owner, which the one before would not have done with a node missing
    const moves = !(await owners(cluster(), 'postgresql')).includes('mi2')
    if (moves) await cluster().root('mi1', 'systemctl stop mi')
    await expect.poll(() => owners(cluster(), 'postgresql'), { timeout: 60_000, interval: 1000 }).toEqual(['mi2'])
    if (moves) await cluster().root('mi1', 'systemctl start mi')
  })

  it.sequential('refuses a resolver that there is not', async () => {
    const plan = await cluster().call('plan', '--set', 'task_resolver=by-hand')
    expect(plan.code).toBe(2)
    expect(plan.stderr).toContain('one of default, active-passive, round-robin, task-nodes')
  })
})
