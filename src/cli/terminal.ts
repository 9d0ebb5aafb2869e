import { styleOf, type Style } from '../report/style.js'

/** How the reader wants to be told, from flags, environment and where output goes. */
export interface Terminal {
  readonly out: NodeJS.WriteStream
  readonly err: NodeJS.WriteStream
  readonly style: Style
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
    isInteractive: stdin.isTTY === true && stderr.isTTY === true,
    isLive: stderr.isTTY === true && env['TERM'] !== 'dumb' && (env['CI'] ?? '') === '',
  }
}
