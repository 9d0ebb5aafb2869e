import type { FactKind } from '../core/fact.js'
import { activeKind } from './active.js'
import { basics } from './basics.js'
import { certificateKind } from './certificate.js'
import { checksumKind } from './checksum.js'
import { clientAccessKind } from './client-access.js'
import { today } from './clock.js'
import { conditionKind } from './condition.js'
import { connectionKind } from './connection.js'
import { crontabKind } from './crontab.js'
import { databaseUserKind } from './database-user.js'
import { databaseDefaultKind, databaseKind } from './database.js'
import { begunBefore } from './detached.js'
import { encryptedValuesKind } from './encrypted-values.js'
import { fileKind } from './file.js'
import { firewallKind } from './firewall.js'
import { gitKinds } from './git.js'
import { groupKind } from './group.js'
import { httpKind } from './http.js'
import { identity } from './identity.js'
import { jarsKind } from './jars.js'
import { jdbcKind } from './jdbc.js'
import { journalKind } from './journal.js'
import { keystoreKind } from './keystore.js'
import { ldapKind } from './ldap.js'
import { mountKind } from './mount.js'
import { packageKind } from './package.js'
import { passwordKind } from './password.js'
import { portKind } from './port.js'
import { privateKeyKind } from './private-key.js'
import { programKind } from './program.js'
import { sqlKind } from './sql.js'
import { sysctlKind } from './sysctl.js'
import { tablesKind } from './tables.js'
import { tlsKind } from './tls.js'
import { treeKind } from './tree.js'
import { unitKind } from './unit.js'
import { userGroupsKind } from './user-groups.js'
import { userKind } from './user.js'

/** Every kind of fact about hosts, by name; one line each. */
export const factKinds: ReadonlyMap<string, FactKind<any, any>> = new Map<string, FactKind<any, any>>([
  activeKind,
  certificateKind,
  checksumKind,
  clientAccessKind,
  conditionKind,
  connectionKind,
  crontabKind,
  databaseDefaultKind,
  databaseKind,
  databaseUserKind,
  begunBefore.kind,
  encryptedValuesKind,
  fileKind,
  firewallKind,
  ...gitKinds,
  groupKind,
  basics.kind,
  httpKind,
  identity.kind,
  jarsKind,
  jdbcKind,
  journalKind,
  keystoreKind,
  ldapKind,
  mountKind,
  packageKind,
  passwordKind,
  portKind,
  privateKeyKind,
  programKind,
  sqlKind,
  sysctlKind,
  tablesKind,
  tlsKind,
  today.kind,
  treeKind,
  unitKind,
  userGroupsKind,
  userKind,
].map((kind: FactKind<any, any>) => [kind.name, kind]))
