import { disturbs, type Change } from '../core/change.js'
import { valueDiff } from '../core/diff.js'
import { ProvisionError } from '../core/errors.js'
import { becomes } from '../core/fact.js'
import { grant } from '../core/grant.js'
import { sh, type Script } from '../core/shell.js'
import { certificateAt, type CertificateState } from '../facts/certificate.js'
import { fileAt } from '../facts/file.js'
import type { Identity } from '../facts/identity.js'
import { privateKeyAt, type PrivateKeyState } from '../facts/private-key.js'
import type { Access } from './file-access.js'

/** A certificate and its key as they are, and the access that both shall have. */
export interface Pair {
  readonly path: string
  readonly now: Exclude<CertificateState, { readonly type: 'link' | 'other' }>
  readonly access: Access
  readonly keyPath: string
  readonly keyNow: Exclude<PrivateKeyState, { readonly type: 'link' }>
  readonly keyAccess: Access
}

interface PairArgs { readonly path: string; readonly key: string; readonly owner?: string | undefined; readonly group?: string | undefined; readonly mode: string }

/** Both as they are; throws where something lies in the way that nobody asked to replace. */
export const pairOf = (args: PairArgs, now: CertificateState, key: PrivateKeyState, who: Identity): Pair => {
  if (now.type === 'link') throw isLink(args.path)
  if (key.type === 'link') throw isLink(args.key)
  if (now.type === 'other') throw new ProvisionError('not-a-certificate', `${args.path} is there and holds no certificate in PEM`, {
    hint: 'choose another path, or move it away by hand',
  })
  return {
    path: args.path, now, access: accessOf(args, now, who, '0644'),
    keyPath: args.key, keyNow: key, keyAccess: accessOf(args, key, who, args.mode),
  }
}

/** The change of owner, group and mode that is left when both are right. */
export const changePairAccess = ({ path, now, access, keyPath, keyNow, keyAccess }: Pair): Change[] => {
  const changes: Change[] = []
  if (now.type === 'certificate' && differs(now, access)) {
    changes.push({ ...accessChange(path, now, access), predicts: [becomes(certificateAt(path), { ...now, ...access })] })
  }
  if (keyNow.type === 'key' && differs(keyNow, keyAccess)) {
    changes.push({ ...accessChange(keyPath, keyNow, keyAccess), predicts: [becomes(privateKeyAt(keyPath), { ...keyNow, ...keyAccess })] })
  }
  return changes
}

const isLink = (path: string): ProvisionError => new ProvisionError('is-a-link', `${path} is a symbolic link`, {
  hint: 'name the file that it points to, or remove the link',
})

const accessOf = ({ owner, group }: PairArgs, now: { readonly type: string } | ({ readonly type: string } & Access), who: Identity, mode: string): Access => ({
  mode,
  owner: owner ?? ('owner' in now ? now.owner : who.user),
  group: group ?? ('group' in now ? now.group : owner ?? who.group),
})

const differs = (one: Access, other: Access): boolean => one.mode !== other.mode || one.owner !== other.owner || one.group !== other.group

const accessChange = (path: string, now: Access, wanted: Access): Omit<Change, 'predicts'> => ({
  summary: `change access of ${path}`,
  diff: valueDiff([['mode', now.mode, wanted.mode], ['owner', now.owner, wanted.owner], ['group', now.group, wanted.group]]),
  actions: [{ do: 'exec', script: grant(path, wanted).text }],
  disturbs: [disturbs(fileAt(path))],
  confirm: hasAccess(path, wanted).text,
})

/** Succeeds when a path has this access. */
const hasAccess = (path: string, { mode, owner, group }: Access): Script =>
  sh`[ "$(stat -c %a:%U:%G -- ${path})" = ${`${mode.replace(/^0+(?=.)/, '')}:${owner}:${group}`} ]`
