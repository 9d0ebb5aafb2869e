import { table } from './dialects.mjs'

const tenant = { UM_TENANT_ID: 'integer=0' }
const key = 'PRIMARY KEY (UM_ID, UM_TENANT_ID)'
const owned = (name, columns, ...constraints) => table(name, { UM_ID: 'serial', ...columns, ...tenant }, key, ...constraints)
const person = { UM_USER_NAME: 'text!', UM_USER_PASSWORD: 'text!', UM_SALT_VALUE: 'short', UM_CHANGED_TIME: 'time' }

/** The user store of every product, 23 tables; the names are those of wso2/micro-integrator v4.2.0: distribution/src/dbscripts. */
export const userTables = [
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
export const userIndexes = ['CREATE INDEX INDEX_UM_USER_ATTRIBUTE_USER ON UM_USER_ATTRIBUTE (UM_USER_ID)', 'CREATE INDEX INDEX_UM_HYBRID_ROLE_NAME ON UM_HYBRID_ROLE (UM_ROLE_NAME)']

