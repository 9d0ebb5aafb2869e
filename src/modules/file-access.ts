import { byExit, disturbs, type Change, type FileState } from '../core/change.js'
import { valueDiff } from '../core/diff.js'
import { ProvisionError } from '../core/errors.js'
import { becomes, type HostFact } from '../core/fact.js'
import { grant } from '../core/grant.js'
import { fileAt } from '../facts/file.js'
import type { Identity } from '../facts/identity.js'

export interface Access { readonly mode: string; readonly owner: string; readonly group: string }

/** The folder that holds a path. */
export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/'

/** The access that a path shall have: as asked, else as it is, else the acting user's. */
export const accessOf = (args: { mode?: string | undefined; owner?: string | undefined; group?: string | undefined }, now: FileState, who: Identity, mode: string): Access => ({
  mode: args.mode ?? ('mode' in now ? now.mode : mode),
  owner: args.owner ?? ('owner' in now ? now.owner : who.user),
  group: args.group ?? ('group' in now ? now.group : args.owner !== undefined && args.owner !== who.user ? args.owner : who.group),
})

/** The change of mode, owner and group that is left when the content is right; none when they are. */
export const changeAccess = (path: string, now: FileState & Access, wanted: Access): Change[] => changeAccessOf(path, fileAt(path), now, wanted)

/** The same of a file that another fact tells of: it is read anew, with what it tells of the file itself. */
export const changeAccessOf = <T>(path: string, fact: HostFact<T>, now: T & Access, wanted: Access): Change[] => {
  if (now.mode === wanted.mode && now.owner === wanted.owner && now.group === wanted.group) return []
  const file = fileAt(path)
  return [{
    summary: `change access of ${path}`,
    diff: valueDiff([['mode', now.mode, wanted.mode], ['owner', now.owner, wanted.owner], ['group', now.group, wanted.group]]),
    actions: [{ do: 'exec', script: grant(path, wanted).text }],
    predicts: [becomes(fact, { ...now, ...wanted })],
    disturbs: fact.key === file.key ? [] : [disturbs(file)],
    confirm: byExit,
  }]
}

/** Something can only be put into a directory that is there, or a link that may lead to one. */
export const requireDirectory = (parent: FileState, path: string): void => {
  if (parent.type === 'directory' || parent.type === 'link') return
  throw new ProvisionError('no-directory', `there is no directory ${parentOf(path)}`, { hint: `put a step \`directory: { path: ${parentOf(path)} }\` before this one` })
}
