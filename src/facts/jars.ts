import { ProvisionError } from '../core/errors.js'
import type { HostFact } from '../core/fact.js'
import { sh } from '../core/shell.js'
import { DRIVER_SERVICE, serviceClasses } from './jdbc-driver.js'
import { answerOf, oneByOne } from './one-by-one.js'
import { unlessThere } from './resting-place.js'

/** A jar of a directory, and the JDBC driver classes that it provides. */
export interface Jar { readonly name: string; readonly sha256: string; readonly drivers: readonly string[] }

const NO_UNZIP = 44

const kind = oneByOne<readonly Jar[]>({
  name: 'jars',
  summary: 'The jars directly in a directory, each with its checksum and its JDBC driver classes.',
  script: (directory) => sh`${unlessThere(directory, 0)}
cd -- ${directory} && pwd -P || exit 1
set -- *.jar
for jar do shift; if [ -f "$jar" ]; then set -- "$@" "./$jar"; fi; done
[ $# -gt 0 ] || exit 0
command -v unzip >/dev/null || exit ${NO_UNZIP}
digests=$(sha256sum -- "$@") || exit 1
nl='
'
for jar do
  printf '%s\\n' "\${digests%%"$nl"*}"
  digests=\${digests#*"$nl"}
  unzip -p "$jar" ${DRIVER_SERVICE} 2>/dev/null && echo
done
exit 0`,
  parse(directory, { stdout, stderr, exit }) {
    if (exit === NO_UNZIP) throw new ProvisionError('missing-program', 'the host has no program unzip, which tells what a jar provides', {
      hint: 'put a step `package: { name: unzip }` before this one',
    })
    if (exit !== 0) throw new ProvisionError('not-readable', `the jars in ${directory} cannot be read`, {
      hint: 'say `become: true` at the step or the play', output: stderr,
    })
    return stdout.split(/^(?=[0-9a-f]{64} {2})/m).slice(1).map(jarOf).sort((one, other) => (one.name < other.name ? -1 : 1))
  },
  path(directory, reply) {
    const [real] = reply === undefined ? [] : answerOf(reply).stdout.split('\n')
    return { path: directory, ...(real === undefined || real === '' ? {} : { real }) }
  },
  fromTree(directory, tree) {
    const folder = `${directory.slice(tree.root.length + 1)}/`
    return Object.keys(tree.entries).some((path) => path.startsWith(folder) && /^[^/]*\.jar$/.test(path.slice(folder.length))) ? undefined : []
  },
})

const jarOf = (text: string): Jar => {
  const [head = '', ...service] = text.split('\n')
  return { name: head.slice(head.indexOf('./') + 2), sha256: head.slice(0, 64), drivers: serviceClasses(service.join('\n')) }
}

/** The jars directly in a directory; none when there is no such directory. */
export const jarsIn = (directory: string): HostFact<readonly Jar[], string> => ({ key: `jars:${directory}`, kind, subject: directory })
export const jarsKind = kind
