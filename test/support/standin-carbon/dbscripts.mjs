// Database scripts of the Carbon products. Names of tables, what may run twice and what fails are those of wso2/carbon-kernel v4.4.1 and
// v4.4.16: distribution/kernel/carbon-home/dbscripts, and of wso2/product-ei v6.1.1 for the business-process profile; the statements are made
// here from one description for all databases.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { create, dialects, script, table } from '../standin/sql/dialects.mjs'
import { userIndexes, userTables } from '../standin/sql/user-tables.mjs'

const tenant = { REG_TENANT_ID: 'integer=0' }
const versioned = { REG_VERSION: 'serial', REG_MEDIA_TYPE: 'text', REG_CREATOR: 'text!', REG_CREATED_TIME: 'set time!', REG_LAST_UPDATOR: 'text', REG_LAST_UPDATED_TIME: 'time', REG_PATH_ID: 'integer!', REG_NAME: 'text' }
const link = (name, other) => table(name, { REG_ID: 'serial', [other]: 'integer!', REG_VERSION: 'integer', REG_PATH_ID: 'integer', REG_RESOURCE_NAME: 'text', ...tenant }, 'PRIMARY KEY (REG_ID, REG_TENANT_ID)')
const own = (name, columns) => table(name, { REG_ID: 'serial', ...columns, ...tenant }, 'PRIMARY KEY (REG_ID, REG_TENANT_ID)')

/** Seventeen; the sixth is the first with a creation time. */
const registryTables = [
  table('REG_CLUSTER_LOCK', { REG_LOCK_NAME: 'short!', REG_LOCK_STATUS: 'short', REG_LOCKED_TIME: 'time', ...tenant }, 'PRIMARY KEY (REG_LOCK_NAME)'),
  table('REG_LOG', { REG_LOG_ID: 'serial', REG_PATH: 'text', REG_USER_ID: 'short!', REG_LOGGED_TIME: 'time', REG_ACTION: 'integer!', REG_ACTION_DATA: 'text', ...tenant }, 'PRIMARY KEY (REG_LOG_ID, REG_TENANT_ID)'),
  table('REG_PATH', { REG_PATH_ID: 'serial', REG_PATH_VALUE: 'text!', REG_PATH_PARENT_ID: 'integer', ...tenant }, 'PRIMARY KEY (REG_PATH_ID, REG_TENANT_ID)'),
  table('REG_CONTENT', { REG_CONTENT_ID: 'serial', REG_CONTENT_DATA: 'blob', ...tenant }, 'PRIMARY KEY (REG_CONTENT_ID, REG_TENANT_ID)'),
  table('REG_CONTENT_HISTORY', { REG_CONTENT_ID: 'integer!', REG_CONTENT_DATA: 'blob', REG_DELETED: 'flag', ...tenant }, 'PRIMARY KEY (REG_CONTENT_ID, REG_TENANT_ID)'),
  table('REG_RESOURCE', { ...versioned, REG_CONTENT_ID: 'integer', ...tenant }, 'PRIMARY KEY (REG_VERSION, REG_TENANT_ID)'),
  table('REG_RESOURCE_HISTORY', { ...versioned, REG_VERSION: 'integer!', REG_DELETED: 'flag', REG_CONTENT_ID: 'integer', ...tenant }, 'PRIMARY KEY (REG_VERSION, REG_TENANT_ID)'),
  own('REG_COMMENT', { REG_COMMENT_TEXT: 'text!', REG_USER_ID: 'short!', REG_COMMENTED_TIME: 'time' }),
  link('REG_RESOURCE_COMMENT', 'REG_COMMENT_ID'),
  own('REG_RATING', { REG_RATING: 'integer!', REG_USER_ID: 'short!', REG_RATED_TIME: 'time' }),
  link('REG_RESOURCE_RATING', 'REG_RATING_ID'),
  own('REG_TAG', { REG_TAG_NAME: 'text!', REG_USER_ID: 'short!', REG_TAGGED_TIME: 'time' }),
  link('REG_RESOURCE_TAG', 'REG_TAG_ID'),
  own('REG_PROPERTY', { REG_NAME: 'text!', REG_VALUE: 'long text' }),
  link('REG_RESOURCE_PROPERTY', 'REG_PROPERTY_ID'),
  table('REG_ASSOCIATION', { REG_ASSOCIATION_ID: 'serial', REG_SOURCEPATH: 'text!', REG_TARGETPATH: 'text!', REG_ASSOCIATION_TYPE: 'text!', ...tenant }, 'PRIMARY KEY (REG_ASSOCIATION_ID, REG_TENANT_ID)'),
  table('REG_SNAPSHOT', { REG_SNAPSHOT_ID: 'serial', REG_PATH_ID: 'integer!', REG_RESOURCE_NAME: 'text', REG_RESOURCE_VIDS: 'blob!', ...tenant }, 'PRIMARY KEY (REG_SNAPSHOT_ID, REG_TENANT_ID)'),
]
const registryIndexes = ['CREATE INDEX REG_PATH_IND_BY_PATH_VALUE ON REG_PATH (REG_PATH_VALUE)', 'CREATE INDEX REG_RESOURCE_IND_BY_NAME ON REG_RESOURCE (REG_NAME)']

const plain = (name, columns = { ID: 'serial', NAME: 'text' }) => table(name, columns, `PRIMARY KEY (${Object.keys(columns)[0]})`)
const identity = ['IDN_BASE_TABLE', 'IDN_OAUTH_CONSUMER_APPS', 'IDN_OAUTH1A_REQUEST_TOKEN', 'IDN_OAUTH1A_ACCESS_TOKEN', 'IDN_OAUTH2_AUTHORIZATION_CODE', 'IDN_OAUTH2_ACCESS_TOKEN',
  'IDN_OAUTH2_ACCESS_TOKEN_SCOPE', 'IDN_SCIM_GROUP', 'IDN_OPENID_REMEMBER_ME', 'IDN_OPENID_USER_RPS', 'IDN_OPENID_ASSOCIATIONS', 'IDN_STS_STORE', 'IDN_IDENTITY_USER_DATA'].map((name) => plain(name))

const bpel = [
  plain('ODE_SCHEMA_VERSION', { VERSION: 'integer!' }),
  ...['ODE_ACTIVITY_RECOVERY', 'ODE_CORRELATION_SET', 'ODE_CORRELATOR', 'ODE_CORSET_PROP', 'ODE_EVENT', 'ODE_FAULT', 'ODE_JOB', 'ODE_MESSAGE', 'ODE_MESSAGE_EXCHANGE', 'ODE_MESSAGE_ROUTE',
    'ODE_MEX_PROP', 'ODE_PARTNER_LINK', 'ODE_PROCESS', 'ODE_PROCESS_INSTANCE', 'ODE_SCOPE', 'ODE_XML_DATA', 'ODE_XML_DATA_PROP', 'STORE_DU', 'STORE_PROCESS', 'STORE_PROCESS_PROP',
    'STORE_PROC_TO_PROP', 'STORE_VERSIONS', 'ATTACHMENT', 'HT_DEADLINE', 'HT_DEPLOYMENT_UNIT', 'HT_EVENT', 'HT_GENERIC_HUMAN_ROLE', 'HT_HUMANROLE_ORGENTITY', 'HT_JOB', 'HT_MESSAGE',
    'HT_ORG_ENTITY', 'HT_PRESENTATION_ELEMENT', 'HT_PRESENTATION_PARAM', 'HT_TASK', 'HT_TASK_ATTACHMENT', 'HT_TASK_COMMENT', 'HT_TASK_VERSION', 'HT_VERSIONS', 'HT_COORDINATION_DATA'].map((name) => plain(name)),
  plain('OPENJPA_SEQUENCE_TABLE', { ID: 'integer!', SEQUENCE_VALUE: 'long' }),
]

const activiti = {
  engine: ['ACT_GE_BYTEARRAY', 'ACT_RE_DEPLOYMENT', 'ACT_RE_MODEL', 'ACT_RE_PROCDEF', 'ACT_RU_EXECUTION', 'ACT_RU_JOB', 'ACT_RU_TASK', 'ACT_RU_IDENTITYLINK', 'ACT_RU_VARIABLE', 'ACT_RU_EVENT_SUBSCR', 'ACT_EVT_LOG', 'ACT_PROCDEF_INFO'],
  history: ['ACT_HI_PROCINST', 'ACT_HI_ACTINST', 'ACT_HI_TASKINST', 'ACT_HI_VARINST', 'ACT_HI_DETAIL', 'ACT_HI_COMMENT', 'ACT_HI_ATTACHMENT', 'ACT_HI_IDENTITYLINK'],
  identity: ['ACT_ID_GROUP', 'ACT_ID_MEMBERSHIP', 'ACT_ID_USER', 'ACT_ID_INFO'],
  substitute: ['ACT_BPS_SUBSTITUTES'],
}
const properties = [table('ACT_GE_PROPERTY', { NAME_: 'state!', VALUE_: 'text', REV_: 'integer' }, 'PRIMARY KEY (NAME_)')]

/** The user tables of the kernel; of 4.4, PostgreSQL's script alone has a fortieth table, of 4.5 and later every one, which UM_CLAIM_BEHAVIOR seems to be. */
const kernelTables = (database, isLater) => [...registryTables, ...userTables.filter(({ name }) => name !== 'UM_CLAIM_BEHAVIOR' || database === 'postgresql' || isLater)]
const indexes = [...registryIndexes, ...userIndexes]
const scriptOf = (database, dialect, tables, more = []) => script(dialect, [...tables.map((each) => create(dialect, database === 'mysql', each)), ...more])

const mysql = dialects.mysql
/** A creation time of zero is none where dates without a day are refused: error 1067 after five tables. */
const lenient = { ...mysql, types: { ...mysql.types, 'set time': 'TIMESTAMP DEFAULT 0' } }
const strict = { ...mysql, types: { ...mysql.types, 'set time': 'TIMESTAMP DEFAULT CURRENT_TIMESTAMP' } }

const kernel = (databases, isLater = false) => Object.fromEntries(databases.map((name) => {
  const [base, dialect] = name === 'mysql' ? ['mysql', lenient] : name === 'mysql5.7' ? ['mysql', strict] : name === 'mysql_cluster' ? ['mysql', { ...strict, tail: ' ENGINE NDB' }]
    : name === 'oracle_rac' ? ['oracle', dialects.oracle] : [name, dialects[name]]
  return [`${name}.sql`, scriptOf(base, dialect, kernelTables(name, isLater), indexes)]
}))
const identities = (databases) => Object.fromEntries(databases.map((name) => [`identity/${name}.sql`, scriptOf(name, dialects[name], identity)]))

const processes = (databases) => Object.fromEntries(databases.flatMap((name) => {
  const file = name === 'postgresql' ? 'postgres' : name
  // Activiti's own scripts end every statement with a semicolon, whatever the database.
  const semicolons = { ...dialects[name], delimiter: ';' }
  const rows = ["INSERT INTO ACT_GE_PROPERTY VALUES ('schema.version', '5.21.0.0', 1)"]
  return [
    [`bps/bpel/create/${name}.sql`, scriptOf(name, dialects[name], bpel, ['INSERT INTO ODE_SCHEMA_VERSION VALUES (6)'])],
    [`bps/bpel/drop/${name}-drop.sql`, script(dialects[name], bpel.map((each) => `DROP TABLE ${each.name}`))],
    ...Object.entries(activiti).map(([part, tables]) => [`bps/bpmn/create/activiti.${file}.create.${part}.sql`,
      script(semicolons, [...(part === 'engine' ? properties : []), ...tables.map((each) => plain(each))].map((each) => create(semicolons, false, each)).concat(part === 'engine' ? rows : []))]),
  ]
}))

const common = ['db2', 'h2', 'informix', 'mssql', 'mysql', 'mysql_cluster', 'oracle', 'oracle_rac', 'postgresql']
const withIdentity = identities(['db2', 'h2', 'mssql', 'mysql', 'oracle', 'postgresql'])

/** What lies in dbscripts of a product: ESB 4.9 has no mysql5.7.sql, EI 6 neither Derby nor OpenEdge. */
const scripts = {
  esb: { ...kernel([...common, 'derby', 'openedge']), ...withIdentity },
  ei: { ...kernel([...common, 'mysql5.7']), ...withIdentity },
  // A later kernel, whose mysql.sql is good for today's servers.
  toml: { ...kernel(common, true), 'mysql.sql': kernel(['mysql5.7'], true)['mysql5.7.sql'], ...withIdentity },
  'business-process': { ...kernel([...common.filter((name) => name !== 'informix'), 'mysql5.7']), ...withIdentity, ...processes(['db2', 'h2', 'mssql', 'mysql', 'oracle', 'postgresql']) },
}

/** Writes the scripts of a product below a directory. */
export const writeScripts = (product, directory) => {
  for (const [path, text] of Object.entries(scripts[product])) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), text)
  }
}
