import { styleOf, type Style } from '../report/style.js'

/** How the reader wants to be told, from flags, environment and where output goes. */
export interface Terminal {
  readonly out: NodeJS.WriteStream
  readonly err: NodeJS.WriteStream
  /** Of what goes to standard error. */
  readonly style: Style
  /** Of what goes to standard output, which may be a file while the reader watches the other. */
  readonly outStyle: Style
  readonly isInteractive: boolean
  readonly isLive: boolean
}

export const terminalOf = (flags: { readonly color?: boolean | undefined }): Terminal => {
  const { stdout, stderr, stdin, env } = process
  const wanted = flags.color !== false && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
  const forced = (env['FORCE_COLOR'] ?? '') !== '' && env['FORCE_COLOR'] !== '0'
  return {
    out: stdout, err: stderr,
    style: styleOf(wanted && (stderr.isTTY === true || forced)),
    outStyle: styleOf(wanted && (stdout.isTTY === true || forced)),
    isInteractive: stdin.isTTY === true && stderr.isTTY === true,
    isLive: stderr.isTTY === true && env['TERM'] !== 'dumb' && (env['CI'] ?? '') === '',
  }
}
