import { z } from 'zod'
import { below, disturbs, type Change } from '../core/change.js'
import { but } from '../core/disturbance.js'
import { ProvisionError } from '../core/errors.js'
import { becomes } from '../core/fact.js'
import { defineModule } from '../core/module.js'
import { sh } from '../core/shell.js'
import { fileAt, type FileState } from '../facts/file.js'
import { identity } from '../facts/identity.js'
import { jarsIn, type Jar } from '../facts/jars.js'
import { driverClasses } from '../facts/jdbc-driver.js'
import { localFile } from '../facts/local-file.js'
import { absolutePath, access, mode } from './arguments.js'
import { accessOf, changeAccess } from './file-access.js'

export const jdbcDriver = defineModule({
  name: 'jdbc-driver',
  kind: 'state',
  summary: 'Exactly one jar of a JDBC driver lies in a directory. Others go that provide a class of the same vendor (by what is in the jar: `com.mysql.jdbc.Driver` and `com.mysql.cj.jdbc.Driver` are one) or are another version of the same file name.',
  args: z.strictObject({
    src: z.string().regex(/[^/]\.jar$/, 'expected a file that ends in .jar')
      .describe('The jar on this machine; its driver class is read from its own META-INF/services/java.sql.Driver.'),
    directory: absolutePath
      .describe('The directory on the host that the jar lies in, such as the lib directory of a server. The host needs `unzip` to look into jars that are there.'),
    mode: mode.default('0644').describe('Octal mode, in quotes.'),
    owner: access.owner,
    group: access.group,
  }),
  examples: [`jdbc-driver: { src: files/mysql-connector-j-8.4.0.jar, directory: /opt/app/lib, owner: app, group: app }`],
  needs: ({ src, directory }) => ({
    now: fileAt(targetOf(src, directory)), folder: fileAt(directory), jars: jarsIn(directory), who: identity, file: localFile(src), drivers: driverClasses(src),
  }),
  mayDisturb: ({ directory }) => [but(below(directory), disturbs(fileAt(directory)))],
  check(args, { now, folder, jars, who, file, drivers }) {
    const { src, directory } = args
    const name = nameOf(src)
    const path = targetOf(src, directory)
    const wanted = accessOf(args, now, who, args.mode)
    if (folder.type !== 'directory' && folder.type !== 'link') {
      throw new ProvisionError('no-directory', `there is no directory ${directory}`, {
        hint: 'put the step that unpacks or makes it before this one',
      })
    }
    if (now.type !== 'absent' && now.type !== 'file' && now.type !== 'link') {
      throw new ProvisionError('not-a-file', `${path} is a ${now.type}, not a file`, { hint: 'remove it by hand' })
    }
    const mine: Jar = { name, sha256: file.sha256, drivers }
    const others = jars.filter((jar) => jar.name !== name && isSameDriver(jar, mine))
    const installed = [...jars.filter((jar) => jar.name !== name), mine].sort((one, other) => (one.name < other.name ? -1 : 1))
    const right = now.type === 'file' && now.sha256 === file.sha256
    const changes: Change[] = right ? changeAccess(path, now, wanted) : [{
      summary: `install ${name}`,
      diff: { lines: [
        ...(now.type === 'file' ? [{ sign: '-' as const, text: `${name}: sha256 ${String(now.sha256)}` }] : []),
        { sign: '+', text: `${name}: sha256 ${file.sha256}, ${drivers.join(' ')}` },
      ] },
      actions: [{ do: 'put', path, content: file, ...wanted }],
      predicts: [becomes(fileAt(path), stateOf(file.sha256, wanted)), becomes(jarsIn(directory), installed)],
      disturbs: [below(path)],
      confirm: sh`[ ! -h ${path} ] && [ "$(sha256sum < ${path})" = ${`${file.sha256}  -`} ]`.text,
    }]
    return others.length === 0 ? changes : [...changes, remove(directory, others, installed)]
  },
})

const nameOf = (src: string): string => src.slice(src.lastIndexOf('/') + 1)
const targetOf = (src: string, directory: string): string => `${directory}/${nameOf(src)}`

const remove = (directory: string, others: readonly Jar[], installed: readonly Jar[]): Change => {
  const paths = others.map(({ name }) => `${directory}/${name}`)
  return {
    summary: others.length === 1 ? `remove ${others.map(({ name }) => name).join()}` : `remove ${others.length} other jars of the driver`,
    diff: { lines: others.map(({ name, sha256, drivers }) => ({ sign: '-', text: `${name}: sha256 ${sha256}${drivers.length === 0 ? '' : `, ${drivers.join(' ')}`}` })) },
    actions: [{ do: 'exec', script: sh`rm -f -- ${paths}`.text }],
    predicts: [becomes(jarsIn(directory), installed.filter((jar) => !others.includes(jar))), ...paths.map((path) => becomes(fileAt(path), { type: 'absent' }))],
    disturbs: paths.flatMap((path) => [disturbs(fileAt(path)), below(path)]),
    confirm: sh`for jar in ${paths}; do if [ -e "$jar" ] || [ -h "$jar" ]; then exit 1; fi; done`.text,
  }
}

/** A jar is a zip and never text, so its content is never part of its state. */
const stateOf = (sha256: string, wanted: { readonly mode: string; readonly owner: string; readonly group: string }): FileState => ({ type: 'file', ...wanted, sha256 })

const isSameDriver = (one: Jar, other: Jar): boolean =>
  artifactOf(one.name) === artifactOf(other.name) || one.drivers.map(vendorOf).some((vendor) => other.drivers.map(vendorOf).includes(vendor))

/** The file name up to its version: `mysql-connector-java` of `mysql-connector-java-5.1.49-bin.jar`. */
const artifactOf = (name: string): string => name.replace(/\.jar$/, '').replace(/[-_.]v?\d.*$/, '')

/** Package prefixes that many vendors share; one more part tells them apart. */
const SHARED = ['org.apache', 'com.ibm', 'net.sourceforge', 'com.github', 'io.github', 'com.google']
const vendorOf = (driver: string): string => {
  const parts = driver.split('.')
  const two = parts.slice(0, 2).join('.')
  return SHARED.includes(two) ? parts.slice(0, 3).join('.') : two
}
