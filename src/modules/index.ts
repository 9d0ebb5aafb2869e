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
import { directory } from './directory.js'
import { file } from './file.js'
import { firewall } from './firewall.js'
import { getUrl } from './get-url.js'
import { git } from './git.js'
import { group } from './group.js'
import { hostname } from './hostname.js'
import { hostsEntry } from './hosts-entry.js'
import { jdbcDriver } from './jdbc-driver.js'
import { keystore } from './keystore.js'
import { limits } from './limits.js'
import { line } from './line.js'
import { link } from './link.js'
import { mount } from './mount.js'
import { ntp } from './ntp.js'
import { packageModule } from './package.js'
import { reload } from './reload.js'
import { restart } from './restart.js'
import { service } from './service.js'
import { sshKey } from './ssh-key.js'
import { sysctl } from './sysctl.js'
import { systemdUnit } from './systemd-unit.js'
import { template } from './template.js'
import { textBlock } from './text-block.js'
import { timezone } from './timezone.js'
import { user } from './user.js'
import { waitFor } from './wait-for.js'

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
  directory,
  file,
  firewall,
  getUrl,
  git,
  group,
  hostname,
  hostsEntry,
  jdbcDriver,
  keystore,
  limits,
  line,
  link,
  mount,
  ntp,
  packageModule,
  reload,
  restart,
  service,
  sshKey,
  sysctl,
  systemdUnit,
  template,
  textBlock,
  timezone,
  user,
  waitFor,
].map((module: Module) => [module.name, module]))
