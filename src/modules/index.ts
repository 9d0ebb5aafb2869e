import type { Module } from '../core/module.js'
import { archive } from './archive.js'
import { assert } from './assert.js'
import { certificate } from './certificate.js'
import { command } from './command.js'
import { copy } from './copy.js'
import { databaseScript } from './database-script.js'
import { databaseUser } from './database-user.js'
import { database } from './database.js'
import { directory } from './directory.js'
import { file } from './file.js'
import { group } from './group.js'
import { hostsEntry } from './hosts-entry.js'
import { ini } from './ini.js'
import { jdbcDriver } from './jdbc-driver.js'
import { json } from './json.js'
import { keystore } from './keystore.js'
import { limits } from './limits.js'
import { line } from './line.js'
import { link } from './link.js'
import { packageModule } from './package.js'
import { properties } from './properties.js'
import { reload } from './reload.js'
import { restart } from './restart.js'
import { service } from './service.js'
import { sysctl } from './sysctl.js'
import { systemdUnit } from './systemd-unit.js'
import { template } from './template.js'
import { textBlock } from './text-block.js'
import { toml } from './toml.js'
import { user } from './user.js'
import { waitFor } from './wait-for.js'
import { xml } from './xml.js'
import { yaml } from './yaml.js'

/** Every module, by the name that steps use; one line each. */
export const modules: ReadonlyMap<string, Module> = new Map<string, Module>([
  archive,
  assert,
  certificate,
  command,
  copy,
  database,
  databaseScript,
  databaseUser,
  directory,
  file,
  group,
  hostsEntry,
  ini,
  jdbcDriver,
  json,
  keystore,
  limits,
  line,
  link,
  packageModule,
  properties,
  reload,
  restart,
  service,
  sysctl,
  systemdUnit,
  template,
  textBlock,
  toml,
  user,
  waitFor,
  xml,
  yaml,
].map((module: Module) => [module.name, module]))
