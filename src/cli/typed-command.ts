import { basename, delimiter, isAbsolute, join, relative } from 'node:path'
import { quote } from '../core/shell.js'

/** How a process was started: what of it tells what its reader typed. */
export interface Started { readonly argv: readonly string[]; readonly env: Readonly<Record<string, string | undefined>>; readonly cwd: string }

/** The command that the reader typed, to be typed again: the program as it was called, with all its flags. */
export const typedCommand = ({ argv: [, program = '', ...args], env, cwd }: Started): string =>
  [...calledAs(program, env, cwd), ...args].map(quote).join(' ')

/** Node is told the whole path of the program, whatever was typed. */
const calledAs = (program: string, env: Started['env'], cwd: string): readonly string[] => {
  const name = basename(program)
  if (env['npm_command'] === 'exec' && program.includes('/node_modules/.bin/')) return ['npx', name]
  if ((env['PATH'] ?? '').split(delimiter).some((folder) => join(folder, name) === program)) return [name]
  const near = relative(cwd, program)
  const path = near.startsWith('..') || isAbsolute(near) ? program : near
  if (/\.[cm]?[jt]s$/.test(name)) return ['node', path]
  return [path.includes('/') ? path : `./${path}`]
}
