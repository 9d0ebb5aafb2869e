import { concat, mapText, type Text } from '../core/secret.js'
import { sh } from '../core/shell.js'

/** One option of curl's, as a line of the configuration that it reads on its input: an argument could be read by anybody. */
export const curlOption = (name: string, value: Text): Text =>
  concat([`${name} = "`, mapText(value, (text) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replace(/[\r\n]/g, ' ')), '"\n'])

/** Who asks, and whom to trust. */
export interface CurlAccess {
  readonly headers?: Readonly<Record<string, Text>> | undefined
  readonly user?: string | undefined
  readonly password?: Text | undefined
  /** Authorities to trust, as a PEM file on the host. */
  readonly ca?: string | undefined
  readonly insecure?: boolean | undefined
}

/** The options that headers, a user and trust come to. */
export const curlAccess = ({ headers = {}, user, password, ca, insecure }: CurlAccess): Text => concat([
  ...Object.entries(headers).map(([name, value]) => curlOption('header', concat([`${name}: `, value]))),
  ...(user === undefined ? [] : [curlOption('user', concat([`${user}:`, password ?? '']))]),
  ...(ca === undefined ? [] : [curlOption('cacert', ca)]),
  ...(insecure === true ? ['insecure\n'] : []),
])

/** Ends with 127 on a host without curl. */
export const needsCurl = sh`command -v curl >/dev/null || { echo 'curl is not on this host: install the package curl' >&2; exit 127; }`
