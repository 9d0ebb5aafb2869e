import { z } from 'zod'
import { below, disturbs, type Change } from '../core/change.js'
import { ProvisionError } from '../core/errors.js'
import { becomes } from '../core/fact.js'
import { grant } from '../core/grant.js'
import { defineModule } from '../core/module.js'
import { concat, reveal, type Text } from '../core/secret.js'
import { script, sh, type Script } from '../core/shell.js'
import { checksumAt } from '../facts/checksum.js'
import { curlAccess, curlOption } from '../facts/curl.js'
import { fileAt } from '../facts/file.js'
import { identity } from '../facts/identity.js'
import { program, requireProgram } from '../facts/program.js'
import { absolutePath, access, text } from './arguments.js'
import { fileClaim, unitsOf } from './file.js'
import { accessOf, changeAccess, parentOf, requireDirectory, type Access } from './file-access.js'
import { secret } from './secret-argument.js'

const args = z.strictObject({
  url: z.url({ protocol: /^(https?|ftps?|file)$/ }).describe('Where the file comes from, asked by the host with curl: http, https, ftp, ftps, or file. Redirections are followed.'),
  path: absolutePath.describe('Where the file lies; its folder must exist.'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits in lower case').describe('The checksum that the file has. Nothing is fetched when the file at the path has it; anything else that arrives is thrown away.'),
  ...access,
  headers: z.record(z.string().regex(/^[A-Za-z0-9-]+$/), text).optional().describe('Headers to send, by name. None when unset.'),
  user: z.string().regex(/^[^:\r\n]+$/).optional().describe('User of basic authentication. Nobody when unset.'),
  password: secret.optional().describe('Password of that user. Empty when unset.'),
  ca: absolutePath.optional().describe("PEM file on the host with the authority to trust. Without: the host's own authorities."),
  insecure: z.boolean().default(false).describe('Trust any certificate; the checksum is compared in any case.'),
  proxy: z.url().optional().describe("The proxy to ask through. What the acting user's environment says when unset."),
})
type Args = z.output<typeof args>

export const getUrl = defineModule({
  name: 'get-url',
  kind: 'state',
  summary: 'A file from a URL lies on the host: fetched by the host itself, compared with its checksum, and put in place whole.',
  args,
  examples: [
    `get-url: { url: https://repo.example.com/app-1.2.0.tar.gz, path: /opt/dist/app-1.2.0.tar.gz, sha256: 0f5b6d1e2a3c4b5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5 }`,
    `get-url: { url: https://repo.example.com/app.jar, path: /opt/app/app.jar, sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03, owner: app, headers: { Authorization: 'Bearer {{ token }}' } }`,
  ],
  needs: ({ path }) => ({ now: checksumAt(path), parent: fileAt(parentOf(path)), who: identity, curl: program('curl') }),
  mayDisturb: ({ path }) => [below(path), ...unitsOf(path)],
  claims: ({ path, sha256, ...wanted }) => [fileClaim(path, wanted, sha256)],
  check(wanted, { now, parent, who, curl }) {
    const { path, sha256 } = wanted
    if (now.type !== 'absent' && now.type !== 'file') {
      throw new ProvisionError('not-a-file', `${path} is there and is no file`, { hint: 'choose another path, or move it away by hand' })
    }
    const access = accessOf(wanted, now, who, '0644')
    const after = becomes(checksumAt(path), { type: 'file', ...access, sha256 })
    if (now.type === 'file' && reveal(now.sha256) === sha256) {
      return changeAccess(path, now, access).map((change) => ({ ...change, predicts: [after], disturbs: [disturbs(fileAt(path))] }))
    }
    requireDirectory(parent, path)
    requireProgram(curl, 'curl', 'put a step `package: { name: curl }` before this one')
    return [{
      summary: `fetch ${path}`,
      diff: { lines: [...(now.type === 'file' ? [{ sign: '-' as const, text: `sha256 ${String(now.sha256)}` }] : []), { sign: '+', text: `sha256 ${sha256} from ${shownUrl(wanted.url)}` }] },
      actions: [{ do: 'exec', script: fetched(path, sha256, access).text, stdin: options(wanted) }],
      predicts: [after],
      disturbs: [below(path), ...unitsOf(path)],
      confirm: sh`[ "$(stat -c %a -- ${path})" = ${access.mode.replace(/^0+(?=.)/, '')} ] && [ "$(sha256sum < ${path})" = ${`${sha256}  -`} ]`.text,
    } satisfies Change]
  },
})

/** Where a URL leads, without what a signed one carries. */
const shownUrl = (url: string): string => url.replace(/\?.*/, '').replace(/\/\/[^/@]*@/, '//')

const options = (wanted: Args): Text => concat([
  'fail\nsilent\nshow-error\nlocation\nconnect-timeout = 15\nspeed-limit = 1\nspeed-time = 60\nretry = 3\n', curlOption('url', wanted.url),
  curlAccess(wanted),
  ...(wanted.proxy === undefined ? [] : [curlOption('proxy', wanted.proxy)]),
])

/** The part is named by the checksum, so that what a broken run has fetched of it is gone on with. */
const fetched = (path: string, sha256: string, access: Access): Script => {
  const part = `${parentOf(path) === '/' ? '' : parentOf(path)}/.${path.slice(path.lastIndexOf('/') + 1)}.part-${sha256.slice(0, 12)}`
  return script(
    sh`options=$(cat); umask 077`,
    sh`get() { printf '%s\\n' "$options" | curl -q --config - --output ${part} "$@"; }`,
    sh`is_whole() { echo ${`${sha256}  ${part}`} | sha256sum -c --status 2>/dev/null; }`,
    sh`if [ -h ${part} ]; then rm -f -- ${part} || exit 1; fi`,
    // a server that cannot go on from the middle, or a part that is too long, is asked for all of it
    sh`if [ -s ${part} ] && ! is_whole; then get --continue-at - || case $? in 22|31|33|36) ;; *) exit 1 ;; esac; fi`,
    sh`if ! is_whole; then rm -f -- ${part}; get || exit 1; fi`,
    sh`is_whole || { found=$(sha256sum < ${part}); rm -f -- ${part}; echo "what arrived has the sha256 \${found%% *}" >&2; exit 1; }`,
    sh`${grant(part, access)} && mv -f -T -- ${part} ${path} || { rm -f -- ${part}; exit 1; }`,
  )
}
