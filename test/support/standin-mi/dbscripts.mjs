// Writes dbscripts/<database>/<prefix>_{cluster,user,transaction_count}.sql below the directory given.
// Names of tables and columns, key lengths and `IF NOT EXISTS` are those of wso2/micro-integrator v4.2.0: distribution/src/dbscripts;
// the statements are made here from one description for all six databases.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const table = (name, columns, ...constraints) => ({ name, columns, constraints })

/** 512 + 512 characters are 4096 bytes in utf8mb4, beyond InnoDB's 3072: the second table fails there with error 1071. */
const cluster = [
  table('LEADER_STATUS_TABLE', { GROUP_ID: 'name!', NODE_ID: 'name!', LAST_HEARTBEAT: 'long!' }, 'PRIMARY KEY (GROUP_ID)'),
  table('CLUSTER_NODE_STATUS_TABLE', { GROUP_ID: 'name!', NODE_ID: 'name!', IS_NEW_NODE: 'integer!', LAST_HEARTBEAT: 'long!' }, 'PRIMARY KEY (GROUP_ID, NODE_ID)'),
  table('MEMBERSHIP_EVENT_TABLE', { GROUP_ID: 'name!', NODE_ID: 'name!', CHANGE_TYPE: 'integer!', CHANGED_MEMBER_ID: 'name!' }),
  table('REMOVED_MEMBERS_TABLE', { GROUP_ID: 'name!', NODE_ID: 'name!', REMOVED_MEMBER_ID: 'name!' }),
  table('COORDINATED_TASK_TABLE', { TASK_NAME: 'name!', DESTINED_NODE_ID: 'name', TASK_STATE: 'state!' }, 'PRIMARY KEY (TASK_NAME)'),
]

const tenant = { UM_TENANT_ID: 'integer=0' }
const key = 'PRIMARY KEY (UM_ID, UM_TENANT_ID)'
const owned = (name, columns, ...constraints) => table(name, { UM_ID: 'serial', ...columns, ...tenant }, key, ...constraints)
const person = { UM_USER_NAME: 'text!', UM_USER_PASSWORD: 'text!', UM_SALT_VALUE: 'short', UM_CHANGED_TIME: 'time' }

const user = [
  table('UM_TENANT', { UM_ID: 'serial', UM_DOMAIN_NAME: 'text!', UM_EMAIL: 'text', UM_ACTIVE: 'flag', UM_CREATED_DATE: 'time' }, 'PRIMARY KEY (UM_ID)', 'UNIQUE (UM_DOMAIN_NAME)'),
  table('UM_DOMAIN', { UM_DOMAIN_ID: 'serial', UM_DOMAIN_NAME: 'text!', ...tenant }, 'PRIMARY KEY (UM_DOMAIN_ID, UM_TENANT_ID)', 'UNIQUE (UM_DOMAIN_NAME, UM_TENANT_ID)'),
  owned('UM_USER', person, 'UNIQUE (UM_USER_NAME, UM_TENANT_ID)'),
  owned('UM_SYSTEM_USER', person, 'UNIQUE (UM_USER_NAME, UM_TENANT_ID)'),
  owned('UM_ROLE', { UM_ROLE_NAME: 'text!', UM_SHARED_ROLE: 'flag' }, 'UNIQUE (UM_ROLE_NAME, UM_TENANT_ID)'),
  table('UM_MODULE', { UM_ID: 'serial', UM_MODULE_NAME: 'text!' }, 'PRIMARY KEY (UM_ID)', 'UNIQUE (UM_MODULE_NAME)'),
  table('UM_MODULE_ACTIONS', { UM_ACTION: 'text!', UM_MODULE_ID: 'integer!' }, 'PRIMARY KEY (UM_ACTION, UM_MODULE_ID)', 'FOREIGN KEY (UM_MODULE_ID) REFERENCES UM_MODULE (UM_ID)'),
  owned('UM_PERMISSION', { UM_RESOURCE_ID: 'text!', UM_ACTION: 'text!', UM_MODULE_ID: 'integer=0' }, 'UNIQUE (UM_RESOURCE_ID, UM_ACTION, UM_TENANT_ID)'),
  owned('UM_ROLE_PERMISSION', { UM_PERMISSION_ID: 'integer!', UM_ROLE_NAME: 'text!', UM_IS_ALLOWED: 'integer!', UM_DOMAIN_ID: 'integer' },
    'FOREIGN KEY (UM_PERMISSION_ID, UM_TENANT_ID) REFERENCES UM_PERMISSION (UM_ID, UM_TENANT_ID)'),
  owned('UM_USER_PERMISSION', { UM_PERMISSION_ID: 'integer!', UM_USER_NAME: 'text!', UM_IS_ALLOWED: 'integer!' },
    'FOREIGN KEY (UM_PERMISSION_ID, UM_TENANT_ID) REFERENCES UM_PERMISSION (UM_ID, UM_TENANT_ID)'),
  owned('UM_USER_ROLE', { UM_ROLE_ID: 'integer!', UM_USER_ID: 'integer!' }, 'FOREIGN KEY (UM_ROLE_ID, UM_TENANT_ID) REFERENCES UM_ROLE (UM_ID, UM_TENANT_ID)'),
  table('UM_SHARED_USER_ROLE', { UM_ROLE_ID: 'integer!', UM_USER_ID: 'integer!', UM_USER_TENANT_ID: 'integer!', UM_ROLE_TENANT_ID: 'integer!' },
    'UNIQUE (UM_USER_ID, UM_ROLE_ID, UM_USER_TENANT_ID, UM_ROLE_TENANT_ID)'),
  table('UM_ACCOUNT_MAPPING', { UM_ID: 'serial', UM_USER_NAME: 'text!', UM_TENANT_ID: 'integer!', UM_USER_STORE_DOMAIN: 'text', UM_ACC_LINK_ID: 'integer!' }, 'PRIMARY KEY (UM_ID)'),
  owned('UM_USER_ATTRIBUTE', { UM_ATTR_NAME: 'text!', UM_ATTR_VALUE: 'long text', UM_PROFILE_ID: 'text', UM_USER_ID: 'integer' }),
  owned('UM_DIALECT', { UM_DIALECT_URI: 'text!' }, 'UNIQUE (UM_DIALECT_URI, UM_TENANT_ID)'),
  owned('UM_CLAIM', { UM_DIALECT_ID: 'integer!', UM_CLAIM_URI: 'text!', UM_MAPPED_ATTRIBUTE: 'text' }, 'FOREIGN KEY (UM_DIALECT_ID, UM_TENANT_ID) REFERENCES UM_DIALECT (UM_ID, UM_TENANT_ID)'),
  owned('UM_PROFILE_CONFIG', { UM_DIALECT_ID: 'integer!', UM_PROFILE_NAME: 'text' }, 'FOREIGN KEY (UM_DIALECT_ID, UM_TENANT_ID) REFERENCES UM_DIALECT (UM_ID, UM_TENANT_ID)'),
  owned('UM_CLAIM_BEHAVIOR', { UM_PROFILE_ID: 'integer', UM_CLAIM_ID: 'integer', UM_BEHAVIOUR: 'integer' }),
  owned('UM_HYBRID_ROLE', { UM_ROLE_NAME: 'text!' }, 'UNIQUE (UM_ROLE_NAME, UM_TENANT_ID)'),
  owned('UM_HYBRID_USER_ROLE', { UM_USER_NAME: 'text', UM_ROLE_ID: 'integer!', UM_DOMAIN_ID: 'integer' }),
  owned('UM_SYSTEM_ROLE', { UM_ROLE_NAME: 'text!' }, 'UNIQUE (UM_ROLE_NAME, UM_TENANT_ID)'),
  owned('UM_SYSTEM_USER_ROLE', { UM_USER_NAME: 'text', UM_ROLE_ID: 'integer!' }),
  owned('UM_HYBRID_REMEMBER_ME', { UM_USER_NAME: 'text!', UM_COOKIE_VALUE: 'long text', UM_CREATED_TIME: 'time' }),
]
const indexes = ['CREATE INDEX INDEX_UM_USER_ATTRIBUTE_USER ON UM_USER_ATTRIBUTE (UM_USER_ID)', 'CREATE INDEX INDEX_UM_HYBRID_ROLE_NAME ON UM_HYBRID_ROLE (UM_ROLE_NAME)']

const transactionCount = [
  table('CURRENT_STATS', { TIME_STAMP: 'date!', NODE_ID: 'node!', TRANSACTION_COUNT: 'integer', TRANSACTION_COUNT_ENCRYPTED: 'cipher' }, 'PRIMARY KEY (TIME_STAMP, NODE_ID)'),
]

const common = { integer: 'INTEGER', flag: 'SMALLINT', time: 'TIMESTAMP', date: 'DATE', long: 'BIGINT', serial: 'INTEGER' }
const strings = (type) => ({ name: `${type}(512)`, node: `${type}(40)`, cipher: `${type}(400)`, state: `${type}(32)`, text: `${type}(255)`, short: `${type}(31)`, 'long text': `${type}(1024)` })
const oracle = { types: { ...common, ...strings('VARCHAR2'), long: 'NUMBER(19)' }, delimiter: '\n/', guarded: false }

/** `guarded`: cluster scripts of these databases may run twice. */
const dialects = [
  { directory: 'mysql', prefix: 'mysql', types: { ...common, ...strings('VARCHAR'), serial: 'INTEGER NOT NULL AUTO_INCREMENT', time: 'TIMESTAMP NULL' }, tail: ' ENGINE INNODB', delimiter: ';', guarded: true },
  { directory: 'postgres', prefix: 'postgresql', types: { ...common, ...strings('VARCHAR'), serial: 'SERIAL' }, delimiter: ';', guarded: true },
  { directory: 'mssql', prefix: 'mssql', types: { ...common, ...strings('VARCHAR'), serial: 'INTEGER IDENTITY(1, 1)', time: 'DATETIME' }, delimiter: ';', guarded: false },
  { directory: 'oracle', prefix: 'oracle', ...oracle },
  { directory: 'oracle-rac', prefix: 'oracle_rac', ...oracle },
  { directory: 'db2', prefix: 'db2', types: { ...common, ...strings('VARCHAR'), serial: 'INTEGER GENERATED BY DEFAULT AS IDENTITY' }, delimiter: '\n/', guarded: false },
]

const column = (dialect, [name, kind]) => {
  const [, base, mark] = /^([a-z ]+)(!|=0)?$/.exec(kind)
  return `  ${name} ${dialect.types[base]}${mark === '=0' ? ' DEFAULT 0 NOT NULL' : mark === '!' || base === 'serial' && !dialect.types.serial.includes('NOT NULL') ? ' NOT NULL' : ''}`
}
const create = (dialect, guarded, { name, columns, constraints }) =>
  `CREATE TABLE ${guarded && dialect.guarded ? 'IF NOT EXISTS ' : ''}${name} (\n${[...Object.entries(columns).map((entry) => column(dialect, entry)), ...constraints.map((text) => `  ${text}`)].join(',\n')}\n)${dialect.tail ?? ''}`

const [, , out] = process.argv
for (const dialect of dialects) {
  const directory = join(out, dialect.directory)
  mkdirSync(directory, { recursive: true })
  const write = (part, statements) => writeFileSync(join(directory, `${dialect.prefix}_${part}.sql`), statements.map((text) => `${text}${dialect.delimiter}\n\n`).join(''))
  write('cluster', cluster.map((each) => create(dialect, true, each)))
  // UM_CLAIM_BEHAVIOR alone is guarded in the product's user script; a second run still fails on the first table.
  write('user', [...user.map((each) => create(dialect, each.name === 'UM_CLAIM_BEHAVIOR', each)), ...indexes])
  write('transaction_count', transactionCount.map((each) => create(dialect, true, each)))
}
