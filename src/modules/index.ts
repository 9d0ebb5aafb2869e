import type { Module } from '../core/module.js'
import { aptRepository } from './apt-repository.js'
import { archive } from './archive.js'
import { assert } from './assert.js'
import { certificate } from './certificate.js'
import { command } from './command.js'
import { copy } from './copy.js'
import { cron } from './cron.js'
import { databaseScript } from './database-script.js'
import { databaseUser } from './database-user.js'
import { database } from './database.js'
import { debug } from './debug.js'
import { directory } from './directory.js'
import { encryptedValues } from './encrypted-values.js'
import { fail } from './fail.js'
import { fetch } from './fetch.js'
import { file } from './file.js'
import { firewall } from './firewall.js'
import { getUrl } from './get-url.js'
import { git } from './git.js'
import { group } from './group.js'
import { hostname } from './hostname.js'
import { hostsEntry } from './hosts-entry.js'
import { ini } from './ini.js'
import { jdbcDriver } from './jdbc-driver.js'
import { jdbcScript } from './jdbc-script.js'
import { json } from './json.js'
import { keystore } from './keystore.js'
import { limits } from './limits.js'
import { line } from './line.js'
import { link } from './link.js'
import { mount } from './mount.js'
import { ntp } from './ntp.js'
import { packageModule } from './package.js'
import { pause } from './pause.js'
import { properties } from './properties.js'
import { reboot } from './reboot.js'
import { reload } from './reload.js'
import { restart } from './restart.js'
import { rsync } from './rsync.js'
import { script } from './script.js'
import { service } from './service.js'
import { sshKey } from './ssh-key.js'
import { sysctl } from './sysctl.js'
import { systemdUnit } from './systemd-unit.js'
import { template } from './template.js'
import { textBlock } from './text-block.js'
import { timezone } from './timezone.js'
import { toml } from './toml.js'
import { user } from './user.js'
import { waitFor } from './wait-for.js'
import { xml } from './xml.js'
import { yaml } from './yaml.js'

/** Every module, by the name that steps use; one line each. */
export const modules: ReadonlyMap<string, Module> = new Map<string, Module>([
  aptRepository,
  archive,
  assert,
  certificate,
  command,
  copy,
  cron,
  database,
  databaseScript,
  databaseUser,
  debug,
  directory,
  encryptedValues,
  fail,
  fetch,
  file,
  firewall,
  getUrl,
  git,
  group,
  hostname,
  hostsEntry,
  ini,
  jdbcDriver,
  jdbcScript,
  json,
  keystore,
  limits,
  line,
  link,
  mount,
  ntp,
  packageModule,
  pause,
  properties,
  reboot,
  reload,
  restart,
  rsync,
  script,
  service,
  sshKey,
  sysctl,
  systemdUnit,
  template,
  textBlock,
  timezone,
  toml,
  user,
  waitFor,
  xml,
  yaml,
].map((module: Module) => [module.name, module]))
