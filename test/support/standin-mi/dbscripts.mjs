// Writes dbscripts/<database>/<prefix>_{cluster,user,transaction_count}.sql below the directory given.
// Names of tables and columns, key lengths and `IF NOT EXISTS` are those of wso2/micro-integrator v4.2.0: distribution/src/dbscripts;
// the statements are made here from one description for all six databases.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { create, dialects, script, table } from '../standin/sql/dialects.mjs'
import { userIndexes, userTables } from '../standin/sql/user-tables.mjs'

/** 512 + 512 characters are 4096 bytes in utf8mb4, beyond InnoDB's 3072: the second table fails there with error 1071. */
const cluster = [
  table('LEADER_STATUS_TABLE', { GROUP_ID: 'name!', NODE_ID: 'name!', LAST_HEARTBEAT: 'long!' }, 'PRIMARY KEY (GROUP_ID)'),
  table('CLUSTER_NODE_STATUS_TABLE', { GROUP_ID: 'name!', NODE_ID: 'name!', IS_NEW_NODE: 'integer!', LAST_HEARTBEAT: 'long!' }, 'PRIMARY KEY (GROUP_ID, NODE_ID)'),
  table('MEMBERSHIP_EVENT_TABLE', { GROUP_ID: 'name!', NODE_ID: 'name!', CHANGE_TYPE: 'integer!', CHANGED_MEMBER_ID: 'name!' }),
  table('REMOVED_MEMBERS_TABLE', { GROUP_ID: 'name!', NODE_ID: 'name!', REMOVED_MEMBER_ID: 'name!' }),
  table('COORDINATED_TASK_TABLE', { TASK_NAME: 'name!', DESTINED_NODE_ID: 'name', TASK_STATE: 'state!' }, 'PRIMARY KEY (TASK_NAME)'),
]

const transactionCount = [
  table('CURRENT_STATS', { TIME_STAMP: 'date!', NODE_ID: 'node!', TRANSACTION_COUNT: 'integer', TRANSACTION_COUNT_ENCRYPTED: 'cipher' }, 'PRIMARY KEY (TIME_STAMP, NODE_ID)'),
]

/** `guarded`: cluster scripts of these databases may run twice. */
const databases = [
  { directory: 'mysql', prefix: 'mysql', dialect: dialects.mysql, guarded: true },
  { directory: 'postgres', prefix: 'postgresql', dialect: dialects.postgresql, guarded: true },
  { directory: 'mssql', prefix: 'mssql', dialect: dialects.mssql, guarded: false },
  { directory: 'oracle', prefix: 'oracle', dialect: dialects.oracle, guarded: false },
  { directory: 'oracle-rac', prefix: 'oracle_rac', dialect: dialects.oracle, guarded: false },
  { directory: 'db2', prefix: 'db2', dialect: dialects.db2, guarded: false },
]

const [, , out] = process.argv
for (const { directory, prefix, dialect, guarded } of databases) {
  mkdirSync(join(out, directory), { recursive: true })
  const write = (part, statements) => writeFileSync(join(out, directory, `${prefix}_${part}.sql`), script(dialect, statements))
  write('cluster', cluster.map((each) => create(dialect, guarded, each)))
  // UM_CLAIM_BEHAVIOR alone is guarded in the product's user script; a second run still fails on the first table.
  write('user', [...userTables.map((each) => create(dialect, guarded && each.name === 'UM_CLAIM_BEHAVIOR', each)), ...userIndexes])
  write('transaction_count', transactionCount.map((each) => create(dialect, guarded, each)))
}
