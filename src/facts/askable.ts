import type { HostFact } from '../core/fact.js'
import { basics } from './basics.js'
import { certificateAt } from './certificate.js'
import { today } from './clock.js'
import { condition } from './condition.js'
import { fileAt } from './file.js'
import { group } from './group.js'
import { identity } from './identity.js'
import { jarsIn } from './jars.js'
import { packageOf } from './package.js'
import { portListens } from './port.js'
import { privateKeyAt } from './private-key.js'
import { program } from './program.js'
import { sysctlValue } from './sysctl.js'
import { unit } from './unit.js'
import { userGroups } from './user-groups.js'
import { user } from './user.js'

/** A kind of fact that people can ask for in one word, `KIND:SUBJECT`. */
export interface Askable {
  readonly example: string
  /** What subjects look like. */
  readonly subject: RegExp
  of(subject: string): HostFact
}

const path = /^\/[^\0\n|]*$/
const name = /^[A-Za-z0-9_][^\s\0]*$/

/** By the name of the kind; the others need more than a word, and only steps ask for them. */
export const askable: ReadonlyMap<string, Askable> = new Map<string, Askable>([
  ['certificate', { example: 'certificate:/etc/ssl/site.pem', subject: path, of: certificateAt }],
  ['clock', { example: 'clock:day', subject: /^day$/, of: () => today }],
  ['condition', { example: 'condition:test -d /opt/app', subject: /\S/, of: condition }],
  ['file', { example: 'file:/etc/motd', subject: path, of: fileAt }],
  ['group', { example: 'group:www-data', subject: name, of: group }],
  ['host', { example: 'host:self', subject: /^self$/, of: () => basics }],
  ['identity', { example: 'identity:self', subject: /^self$/, of: () => identity }],
  ['jars', { example: 'jars:/opt/app/lib', subject: path, of: jarsIn }],
  ['package', { example: 'package:nginx', subject: name, of: packageOf }],
  ['port', { example: 'port:443', subject: /^[1-9]\d{0,4}$/, of: (port) => portListens(Number(port)) }],
  ['private-key', { example: 'private-key:/etc/ssl/site.key', subject: path, of: privateKeyAt }],
  ['program', { example: 'program:unzip', subject: /^[/A-Za-z0-9_][^\s\0]*$/, of: program }],
  ['sysctl', { example: 'sysctl:vm.swappiness', subject: /^[a-z0-9_]+(\.[A-Za-z0-9_-]+)+$/, of: sysctlValue }],
  ['unit', { example: 'unit:nginx.service', subject: /^[A-Za-z0-9:_.\\@-]+$/, of: (word) => unit(word.includes('.') ? word : `${word}.service`) }],
  ['user', { example: 'user:www-data', subject: name, of: user }],
  ['user-groups', { example: 'user-groups:www-data', subject: name, of: userGroups }],
])

/** What is asked where nobody says what. */
export const basicFacts: readonly HostFact[] = [identity, basics, today]
