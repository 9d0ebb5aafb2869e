import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { databaseObstacle, startMariadb, startPostgres, type TestDatabase } from './standin/databases.js'
import { buildStandin, eventually, standinObstacle } from './standin/machine.js'
import { StandinNode } from './standin-mi/node.js'

const RESOLVERS = 'org.wso2.micro.integrator.ntask.coordination.task.resolver'
/** The product's own knob: three beats of half a second instead of five seconds, so that a node is gone after 1.5 s. */
const QUICK = { heartBeatInterval: '500' }
const SCHEDULED = 'Task scheduled: [ESB_TASK][sample-task].'
const RUN = 'Task executed: [ESB_TASK][sample-task]'

const engines = [
  {
    kind: 'mariadb', start: startMariadb, script: 'dbscripts/mysql/mysql_cluster.sql',
    missingTable: /Table 'missing\.LEADER_STATUS_TABLE' doesn't exist/, denied: /Access denied for user 'standin'/,
  },
  {
    kind: 'postgresql', start: startPostgres, script: 'dbscripts/postgres/postgresql_cluster.sql',
    missingTable: /relation "leader_status_table" does not exist/, denied: /password authentication failed for user "standin"/,
  },
] as const

for (const { kind, start, script, missingTable, denied } of engines) {
  const obstacle = standinObstacle() ?? databaseObstacle(kind)
  if (obstacle !== undefined) console.log(`skipped: cluster of the stand-in on ${kind}: ${obstacle}`)

  describe.skipIf(obstacle !== undefined)(`cluster of the stand-in on ${kind}`, { timeout: 90_000 }, () => {
    const nodes: StandinNode[] = []
    let zip = ''
    let database: TestDatabase
    const unpack = async (): Promise<StandinNode> => {
      const node = await StandinNode.unpack(zip)
      nodes.push(node)
      return node
    }
    const members = (name: string) => database.query(name, 'SELECT NODE_ID FROM CLUSTER_NODE_STATUS_TABLE ORDER BY NODE_ID')?.map(([id]) => id)
    const leaders = (name: string) => database.query(name, 'SELECT NODE_ID FROM LEADER_STATUS_TABLE')?.map(([id]) => id)

    beforeAll(async () => {
      zip = buildStandin('standin-mi', 'wso2mi-4.2.0.zip')
      database = await start()
    }, 60_000)
    afterEach(() => Promise.all(nodes.splice(0).map((node) => node.destroy())))
    afterAll(() => database.destroy(), 60_000)

    it('joins two nodes under one leader, runs a task on one of them and moves it when that one stops', async () => {
      const [first, second] = [await unpack(), await unpack()]
      const coordinates = database.create('joined', join(first.home, script))
      for (const [id, node] of [['node-1', first], ['node-2', second]] as const) {
        node.cluster(id, coordinates, '[task_handling]\nresolving_period = "1"\nresolving_frequency = "2"\n')
        node.task('sample-task', 500)
      }
      await first.start(QUICK)
      await second.start(QUICK)
      await first.logged('Successfully joined the cluster with id [node-1]')
      await first.logged('Member added [node-2]')
      await second.logged('Successfully joined the cluster with id [node-2]')
      await second.logged('Connected with node [node-1]')
      expect(members('joined')).toEqual(['node-1', 'node-2'])
      expect(leaders('joined')).toEqual(['node-1'])
      expect(first.log()).toContain('Elected current node (nodeID: node-1) as the coordinator for the group default')
      expect(second.log()).not.toContain('Elected current node')

      const owner = await eventually('an owner of the task', () => [first, second].find((node) => node.log().includes(SCHEDULED)))
      const other = owner === first ? second : first
      await eventually('two runs', () => (owner.count(RUN) >= 2 ? true : undefined))
      expect(other.log()).not.toContain(SCHEDULED)
      expect(other.count(RUN)).toBe(0)
      const [gone, left] = owner === first ? ['node-1', 'node-2'] : ['node-2', 'node-1']
      expect(database.query('joined', 'SELECT * FROM COORDINATED_TASK_TABLE')).toEqual([['sample-task', gone, 'RUNNING']])

      await owner.stop()
      expect(members('joined')).toEqual(['node-1', 'node-2'])
      await other.logged(`Member removed [${gone}]`)
      await other.logged(SCHEDULED)
      expect(members('joined')).toEqual([left])
      expect(leaders('joined')).toEqual([left])
      expect(owner.log()).toContain('Shutting down coordinated task scheduler.')
    })

    it('starts uncoordinated with a wrong password and without tables: error, started, no heartbeat, every task', async () => {
      const [locked, bare] = [await unpack(), await unpack()]
      const coordinates = database.create('missing')
      locked.cluster('node-1', { ...coordinates, password: 'wrong' })
      bare.cluster('node-2', coordinates)
      for (const node of [locked, bare]) node.task('sample-task', 500)
      await Promise.all([locked.start(), bare.start()])
      expect(locked.log()).toMatch(denied)
      expect(bare.log()).toMatch(missingTable)
      for (const node of [locked, bare]) {
        expect(node.log()).toMatch(/ERROR \{org\.wso2\.micro\.integrator\.ntask\.core\.internal\.TasksDSComponent} - Error in initializing Tasks component: /)
        expect(node.log()).not.toContain('Successfully joined')
        expect(node.log()).toContain(SCHEDULED)
        expect((await node.get(9191, '/healthz')).status).toBe(200)
      }
    })

    it('starts uncoordinated when a static id comes back within the fifteen seconds of its heartbeat', async () => {
      const node = await unpack()
      node.cluster('node-1', database.create('static', join(node.home, script)))
      node.task('sample-task', 500)
      await node.start()
      await eventually('a heartbeat', () => (members('static')?.length === 1 ? true : undefined))
      await node.stop()
      const rows = () => ['CLUSTER_NODE_STATUS_TABLE', 'LEADER_STATUS_TABLE'].map((table) => database.query('static', `SELECT NODE_ID, LAST_HEARTBEAT FROM ${table}`))
      const before = rows()
      await node.start()
      expect(node.log()).toContain('Node with id node-1 already exists in cluster or the previous shutdown of this node '
        + 'hasn\'t elapsed the heart beat expiry time of 15000 milli seconds.')
      expect(node.count('Successfully joined the cluster')).toBe(1)
      await eventually('the task here', () => (node.count(RUN) > 0 ? true : undefined))
      expect((await node.get(9191, '/healthz')).status).toBe(200)
      expect(rows()).toEqual(before)
    })

    it('loses the cluster with the database, pauses its tasks, and joins again by itself', async () => {
      const node = await unpack()
      node.cluster('node-1', database.create('lost', join(node.home, script)), '[task_handling]\nresolving_period = "1"\n')
      node.task('sample-task', 500)
      await node.start(QUICK)
      await node.logged(SCHEDULED)
      await database.stop()
      await node.logged('Lost connection to the cluster.')
      await node.logged('Task paused: [ESB_TASK][sample-task]')
      expect((await node.get(9191, '/healthz')).status).toBe(200)
      await database.start()
      await node.logged('Re-joined the cluster successfully.')
      await node.logged('Task resumed: [ESB_TASK][sample-task]')
      expect(members('lost')).toEqual(['node-1'])
    })

    it('resolves tasks by the class named: waits for the count, keeps to the list, and falls over integers', async () => {
      const node = await unpack()
      const coordinates = database.create('resolvers', join(node.home, script))
      node.task('sample-task', 500)
      const start = async (resolver: string, properties: string, id: string) => {
        node.cluster(id, coordinates, `[task_handling]\nresolver_class = "${RESOLVERS}.${resolver}"\nresolving_period = "1"\n\n[[task_resolver]]\n${properties}\n`)
        await node.start({ heartBeatInterval: '200' })
      }
      await start('RoundRobinResolver', 'task_server_count = "2"', 'a')
      await node.logged('Waiting for 2 nodes to resolve the tasks. Only 1 node(s) available cluster ...')
      await node.stop()
      await start('TaskNodeResolver', 'task_nodes = "x, y"', 'b')
      await node.logged('No nodes defined in the task_nodes is found in the cluster.')
      await node.stop()
      expect(node.log()).not.toContain(SCHEDULED)
      await start('TaskNodeResolver', 'task_nodes = "x ,c"', 'c')
      await node.logged(SCHEDULED)
      await node.stop()
      await start('RoundRobinResolver', 'task_server_count = 2', 'd')
      expect(node.log()).toContain('class java.lang.Long cannot be cast to class java.lang.String')
      expect(node.count('Successfully joined')).toBe(3)
      expect(members('resolvers')).not.toContain('d')
    })

    it('never joins when the fault asks for that, and still starts', async () => {
      const node = await unpack()
      node.cluster('node-1', database.create('refused', join(node.home, script)))
      node.faults('never_join')
      await node.start()
      await node.logged('Node with ID node-1 in group default could not join to the cluster due to ')
      expect(members('refused')).toEqual([])
    })

    it('takes the cluster script twice, the user script once', async () => {
      const node = await unpack()
      database.create('twice', join(node.home, script))
      expect(database.script('twice', join(node.home, script)).code).toBe(0)
      const user = join(node.home, script.replace('_cluster', '_user'))
      database.create('users', user, 'utf8mb4')
      expect(database.script('users', user).code).not.toBe(0)
      const count = (name: string) => database.query(name, `SELECT COUNT(*) FROM information_schema.tables WHERE table_schema IN ('${name}', 'public')`)
      expect(count('users')).toEqual([['23']])
      expect(count('twice')).toEqual([['5']])
    })

    // PostgreSQL has no such limit.
    if (kind === 'mariadb') it('leaves one of five tables where the character set is utf8mb4, and such a node does not join', async () => {
      const node = await unpack()
      const coordinates = database.create('wide', undefined, 'utf8mb4')
      const { code, stderr } = database.script('wide', join(node.home, script))
      expect(code).not.toBe(0)
      expect(stderr).toContain('ERROR 1071')
      expect(database.query('wide', 'SHOW TABLES')).toEqual([['LEADER_STATUS_TABLE']])
      node.cluster('node-1', coordinates)
      await node.start()
      expect(node.log()).toMatch(/Error in initializing Tasks component[\s\S]*CLUSTER_NODE_STATUS_TABLE/)
    })
  })
}
