import { z } from 'zod'
import { below, type Change, type FileState, type FileTree } from '../core/change.js'
import { ProvisionError } from '../core/errors.js'
import { becomes, type ArchiveEntry, type LocalFile } from '../core/fact.js'
import { defineModule } from '../core/module.js'
import { reveal } from '../core/secret.js'
import { script, sh, type Script } from '../core/shell.js'
import { archiveListing } from '../facts/archive-listing.js'
import { fileAt, fileState } from '../facts/file.js'
import { identity, type Identity } from '../facts/identity.js'
import { localFile } from '../facts/local-file.js'
import { program, requireProgram } from '../facts/program.js'
import { absolutePath, access } from './arguments.js'
import { accessOf, parentOf, requireDirectory, type Access } from './file-access.js'

/** In an unpacked directory: the checksum of the archive that it came from. */
const STAMP = '.provision-archive'
/** Room asked for beyond the archive and its files, in bytes, and what a file takes at least. */
const SPARE = 64 * 1024 * 1024
const BLOCK = 4096

export const archive = defineModule({
  name: 'archive',
  kind: 'state',
  summary: 'A zip or tar.gz of this machine is unpacked on the host, once per checksum. Nothing that exists is ever removed or overwritten: a new version goes to a new directory, and the module `link` points to it.',
  args: z.strictObject({
    src: z.string().regex(/\.(zip|tar\.gz|tgz)$/, 'expected a file that ends in .zip, .tar.gz or .tgz')
      .describe('The archive on this machine: a zip (the host needs `unzip`) or tar.gz (`tar`).'),
    sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits in lower case').optional()
      .describe('The checksum that the archive must have. Any when unset.'),
    path: absolutePath.refine((path) => path !== '/', 'expected a directory of its own')
      .describe('The directory that holds the files afterwards, with the version in its name: `/opt/app-1.2.0`. Its parent must exist.'),
    strip: z.int().min(0).max(9).optional()
      .describe('Folders to leave out at the front of every name. 1 when everything lies in one folder, else 0.'),
    owner: access.owner,
    group: access.group,
  }),
  examples: [
    `archive: { src: files/app-1.2.0.zip, path: /opt/app-1.2.0, owner: app, group: app }`,
    `archive: { src: files/jdk-17.tar.gz, sha256: 0f5b6d1e2a3c4b5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5, path: /opt/java/jdk-17 }`,
  ],
  needs: ({ src, path }) => ({
    now: fileAt(path), stamp: fileAt(`${path}/${STAMP}`), parent: fileAt(parentOf(path)), who: identity,
    file: localFile(src), listing: archiveListing(src), unpacker: program(unpackerOf(src)),
  }),
  mayDisturb: ({ path }) => [below(path)],
  check(args, { now, stamp, parent, who, file, listing, unpacker }) {
    const { src, path } = args
    if (args.sha256 !== undefined && args.sha256 !== file.sha256) {
      throw new ProvisionError('checksum-mismatch', `${src} has the sha256 ${file.sha256}, not ${args.sha256}`, {
        hint: 'fetch the archive again, or correct `sha256` once you know that the file is right',
      })
    }
    if (now.type !== 'absent') {
      requireSame(path, now, stamp, file)
      return []
    }
    requireDirectory(parent, path)
    requireProgram(unpacker, unpackerOf(src), `put a step \`package: { name: ${unpackerOf(src)} }\` before this one`)
    const prefix = prefixOf(src, listing, args.strip)
    const entries = listing.filter((entry) => entry.path.startsWith(prefix)).map((entry) => ({ ...entry, path: entry.path.slice(prefix.length) }))
    const { owner, group } = accessOf(args, now, who, '0755')
    const mode = listing.find((entry) => `${entry.path}/` === prefix)?.mode ?? '0755'
    return [unpack({ src, path, prefix, file, listing, entries, who, access: { mode, owner, group } })]
  },
})

interface Unpacking {
  readonly src: string
  readonly path: string
  readonly prefix: string
  readonly file: LocalFile
  /** All entries as the archive names them, and those that remain, as they are named in the directory. */
  readonly listing: readonly ArchiveEntry[]
  readonly entries: readonly ArchiveEntry[]
  readonly who: Identity
  readonly access: Access
}

const unpack = ({ src, path, prefix, file, listing, entries, who, access }: Unpacking): Change => {
  const beside = `${parentOf(path) === '/' ? '' : parentOf(path)}/.${path.slice(path.lastIndexOf('/') + 1)}`
  const part = `${beside}.part-${file.sha256.slice(0, 12)}`
  const work = `${beside}.unpacking-${file.sha256.slice(0, 12)}`
  const top = `${work}/root${prefix === '' ? '' : `/${prefix.slice(0, -1)}`}`
  return {
    summary: `unpack ${src.slice(src.lastIndexOf('/') + 1)} to ${path}`,
    diff: { lines: [{ sign: '+', text: `${entries.filter(({ type }) => type !== 'directory').length} files, sha256 ${file.sha256}` }] },
    actions: [
      { do: 'exec', script: requireRoom(parentOf(path), file, listing).text },
      { do: 'put', path: part, content: file, mode: '0600', owner: who.user, group: who.group },
      { do: 'exec', script: script(
        sh`fail() { echo "$1" >&2; rm -rf -- ${work} ${part}; exit 1; }`,
        sh`umask 077; rm -rf -- ${work} && mkdir -- ${work} ${`${work}/root`} || exit 1`,
        unpackerOf(src) === 'unzip'
          ? sh`LC_ALL=C.UTF-8 unzip -q -o ${part} -d ${`${work}/root`} </dev/null; [ $? -le 1 ] || fail 'unzip failed'`
          : sh`tar -x -z -o -f ${part} -C ${`${work}/root`} </dev/null || fail 'tar failed'`,
        sh`n=$(find ${`${work}/root`} | wc -l); [ "$n" -eq ${listing.length + 1} ] || fail "unpacking made $((n - 1)) entries, the archive lists ${listing.length}"`,
        sh`chmod -R a-x,ug-s,u=rwX,go=rX,o-t ${top} || fail 'chmod failed'`,
        ...exceptions(top, entries),
        sh`chown -hR -- ${`${access.owner}:${access.group}`} ${top} || fail 'chown failed'`,
        sh`chmod -- ${access.mode} ${top}`,
        sh`echo ${file.sha256} > ${`${top}/${STAMP}`} && chown -- ${`${who.user}:${who.group}`} ${`${top}/${STAMP}`} && chmod 0644 ${`${top}/${STAMP}`} || fail 'the stamp cannot be written'`,
        sh`mv -T -- ${top} ${path} || fail 'the directory cannot take its place'`,
        sh`rm -rf -- ${work} ${part}`,
      ).text },
    ],
    predicts: [becomes(fileAt(path), { type: 'directory', ...access }), { below: path, tree: treeOf(path, entries, access, who, file) }],
    disturbs: [below(path)],
    confirm: sh`[ "$(cat ${`${path}/${STAMP}`})" = ${file.sha256} ]`.text,
  }
}

const unpackerOf = (src: string): 'unzip' | 'tar' => (src.endsWith('.zip') ? 'unzip' : 'tar')

const requireSame = (path: string, now: FileState, stamp: FileState, file: LocalFile): void => {
  const hint = 'unpack into a new directory with the version in its name, and let the module `link` point to it'
  if (now.type !== 'directory') throw new ProvisionError('not-a-directory', `${path} is there and is not a directory`, { hint })
  if (stamp.type !== 'file') throw new ProvisionError('not-unpacked-here', `${path} is there already and was not unpacked by this module: it holds no ${STAMP}`, {
    hint: `${hint}; or move it away by hand`,
  })
  const known = stamp.content === undefined ? '' : reveal(stamp.content).trim()
  if (known !== file.sha256) throw new ProvisionError('other-archive', `${path} was unpacked from another archive: sha256 ${known}, not ${file.sha256}`, { hint })
}

/** What every name starts with and is left out. */
const prefixOf = (src: string, listing: readonly ArchiveEntry[], strip: number | undefined): string => {
  const [first] = listing
  if (first === undefined) throw new ProvisionError('empty-archive', `${src} holds nothing`, { hint: 'fetch the archive again' })
  const start = (count: number): string => first.path.split('/').slice(0, count).map((part) => `${part}/`).join('')
  const shared = (prefix: string): boolean => {
    const folders = prefix.split('/').slice(0, -1).map((_part, index, parts) => parts.slice(0, index + 1).join('/'))
    return listing.every(({ path, type }) => path.startsWith(prefix) || (type === 'directory' && folders.includes(path)))
  }
  if (strip === undefined) return shared(start(1)) ? start(1) : ''
  // The first entry may be a folder of the prefix itself; any file or folder below tells the whole of it.
  const deepest = listing.find(({ path }) => path.split('/').length > strip) ?? first
  const prefix = deepest.path.split('/').slice(0, strip).map((part) => `${part}/`).join('')
  if (strip === 0 || (deepest.path.split('/').length > strip && shared(prefix))) return prefix
  throw new ProvisionError('cannot-strip', `not everything in ${src} lies in the same ${strip} folders`, {
    hint: 'lower `strip`, or leave it out',
  })
}

/** Fails before anything is sent when the archive and its files would not fit. */
const requireRoom = (folder: string, file: LocalFile, listing: readonly ArchiveEntry[]): Script => {
  const blocks = (size: number): number => (Math.ceil(size / BLOCK) + 1) * BLOCK
  const needed = Math.ceil((blocks(file.size) + listing.reduce((sum, { size }) => sum + blocks(size), SPARE)) / 1024)
  return sh`df -Pk -- ${folder} | { read -r line; read -r line; set -f; set -- $line; free=$4
  [ "$free" -ge ${needed} ] || { echo "there is no room in "${folder}": $((free / 1024)) MiB are free, "${Math.ceil(needed / 1024)}" MiB are needed" >&2; exit 1; }; }`
}

const CHUNK = 100
/** Access other than the usual 0644 and 0755, as the archive says. */
const exceptions = (top: string, entries: readonly ArchiveEntry[]): Script[] => {
  const byMode = new Map<string, string[]>()
  for (const { path, type, mode } of entries) {
    if (type !== 'link' && mode !== (type === 'directory' ? '0755' : '0644')) byMode.set(mode, [...(byMode.get(mode) ?? []), `./${path}`])
  }
  const chunks = [...byMode].flatMap(([mode, paths]) => Array.from({ length: Math.ceil(paths.length / CHUNK) }, (_, index) => sh`chmod -- ${mode} ${paths.slice(index * CHUNK, (index + 1) * CHUNK)}`))
  return chunks.length === 0 ? [] : [script(sh`( cd ${top} || exit 1`, ...chunks.map((line) => sh`${line} || exit 1`), sh`) || fail 'chmod failed'`)]
}

const treeOf = (root: string, entries: readonly ArchiveEntry[], { owner, group }: Access, who: Identity, { sha256 }: LocalFile): FileTree => ({
  root,
  entries: Object.fromEntries([
    ...entries.map((entry): [string, FileState | null] => [entry.path, stateOf(entry, owner, group)]),
    [STAMP, fileState(Buffer.from(`${sha256}\n`), { mode: '0644', owner: who.user, group: who.group })],
  ]),
})

const stateOf = ({ type, mode, target, content }: ArchiveEntry, owner: string, group: string): FileState | null => {
  switch (type) {
    case 'directory': return { type, mode, owner, group }
    case 'link': return { type, target: target ?? '', owner, group }
    case 'file': return content === undefined ? null : fileState(content, { mode, owner, group })
    default: return type satisfies never
  }
}
