import type { Action, Change, Content, Issue } from '../core/change.js'
import type { LocalFile } from '../core/fact.js'
import { hasDigest } from '../core/host-digest.js'
import { oldOf, partOf } from '../core/part-file.js'
import { reveal, Secret, type Text } from '../core/secret.js'
import { grant, grantOpen } from '../core/grant.js'
import { emit, Script, script, sh } from '../core/shell.js'
import { tellFullDisk } from './full-disk.js'

/** Makes a certificate and key when they are asked for: PKCS #8 key, certificate and authority, as PEM one after the other. */
export type IssueCertificate = (issue: Issue) => Promise<Secret>

/** An action whose content rides in the frame; the other kind streams a file of the controller. */
export type Inline = { readonly action: Action; readonly content: Text }

export const isLocalFile = (content: Content | undefined): content is LocalFile => typeof content === 'object' && 'local' in content

/** Whether an action takes more than a script in a frame: bytes that stream, a file that comes back, a connection that ends. */
export const streams = (action: Action): boolean => (action.do === 'exec' || action.do === 'put' ? isLocalFile(action.do === 'put' ? action.content : action.stdin) : true)

/** What an action reads, as text; certificates are issued at this moment. */
export const contentOf = async (action: Action, issue: IssueCertificate): Promise<Text> => {
  if (action.do !== 'exec' && action.do !== 'put') return ''
  const content = action.do === 'put' ? action.content : action.stdin ?? ''
  if (typeof content === 'string' || content instanceof Secret) return content
  if ('issue' in content) return issue(content.issue)
  throw new RangeError(`${content.local} is streamed, not carried in a frame`)
}

/** The shell text of an action whose content rides along. */
export const inlineScript = ({ action, content }: Inline): Script => {
  switch (action.do) {
    case 'exec': return reveal(content) === '' ? sh`( ${new Script(action.script)}
)` : sh`${emit(content)} | ( ${new Script(action.script)}
)`
    case 'put': return place(action, partOf(action.path, 'new'), fresh(action, partOf(action.path, 'new'), content))
    case 'reboot':
    case 'bring':
    case 'fetch': throw new RangeError(`${action.do} is no script in a frame`)
    default: return action satisfies never
  }
}

/** A new file that nobody else can have put there, written, and given away while it is open: by name it might be another one by then. */
const fresh = (put: Put, part: string, content: Text): Script =>
  sh`{ { [ ! -e ${part} ] && [ ! -h ${part} ]; } || rm -f -- ${part}; } && ( umask 077; set -C; { { ${emit(content)}; } >&9 && ${grantOpen(put)}; } 9> ${part} )`

type Put = Extract<Action, { do: 'put' }>

/** How a `put` fails that left its file as it was, and one that could not. */
const [AS_BEFORE, ALTERED] = [1, 2]

/** Whether a step that failed so has altered nothing: it brings one file and no more, and what was there is there as before. */
export const isAsBefore = (changes: readonly Change[], exit: number): boolean =>
  exit === AS_BEFORE && changes.length === 1 && changes[0]?.actions.length === 1 && changes[0].actions[0]?.do === 'put'

/** Has a part file filled and given away, validated, and moves it into place; on failure the old file is there as before. */
const place = (put: Put, part: string, fill: Script): Script => {
  const validate = put.validate === undefined ? undefined : sh`( set -- ${part}; ${new Script(put.validate)}
) &&`
  const move = put.validateAfter === undefined
    ? sh`mv -f -T -- ${part} ${put.path}`
    : onTrial(put.path, part, new Script(put.validateAfter))
  return script(
    sh`( altered=; ${fill} &&`,
    validate,
    sh`${move} || { ${tellFullDisk(part.slice(0, part.lastIndexOf('/')) || '/')}; rm -f -- ${part}; exit "\${altered:-${AS_BEFORE}}"; } )`,
  )
}

const NOTHING = 'nothing-was-there'

/**
 * A file that must stand a check in its place. Until it has, the one that was good last stays beside it, or a link that leads nowhere if there was none:
 * whoever comes after a check that was cut off finds that, and puts back what was there before the first try.
 */
const onTrial = (path: string, part: string, check: Script): Script => {
  const old = oldOf(path)
  const keep = sh`{ [ -e ${old} ] || [ -h ${old} ] || if [ -e ${path} ]; then ln -- ${path} ${old}; else ln -s -- ${NOTHING} ${old}; fi; }`
  const putBack = sh`if [ "$(readlink -- ${old})" = ${NOTHING} ]; then rm -f -- ${path} ${old} && altered= && echo "the file was taken away again" >&2; else mv -f -- ${old} ${path} && altered= && echo "the old file was put back" >&2; fi`
  return sh`{ ${keep} && mv -f -T -- ${part} ${path} && altered=${ALTERED} && { ( ${check}
) || { ${putBack}; false; }; } && rm -f -- ${old}; }`
}

/** The frames that bring a large file: how much is there already, the rest, and the move into place once it is right: by its size if all was digested on its way, else by its checksum. */
export const streamed = (put: Put, file: LocalFile): { readonly part: string; readonly have: Script; readonly append: (from: number) => Script; readonly finish: (isDigested: boolean) => Script } => {
  const part = partOf(put.path, `part-${file.sha256.slice(0, 12)}`)
  // what the disk does not take would only keep it full; a part whose sender went away stays, for `cat` is ended with its shell then
  const giveUp = sh`{ e=$?; rm -f -- ${part}; exit "$e"; }`
  return {
    part,
    have: sh`if [ -h ${part} ]; then rm -f -- ${part}; fi; if [ -f ${part} ]; then stat -c %s -- ${part}; else echo 0; fi`,
    append: (from) => (from === 0 ? sh`umask 077; rm -f -- ${part}; set -C; cat > ${part} || ${giveUp}` : sh`{ [ "$(stat -c %d:%i -- ${part})" = "$(stat -L -c %d:%i /proc/self/fd/9)" ] && cat >&9; } 9>> ${part} || ${giveUp}`),
    finish: (isDigested) => script(
      sh`if ! ${isDigested ? sh`[ "$(stat -c %s -- ${part})" = ${file.size} ]` : hasDigest(part, file.sha256)}; then rm -f -- ${part}; echo "the file arrived damaged; the next run sends it again" >&2; exit 1; fi`,
      place(put, part, grant(part, put)),
    ),
  }
}
