import { z } from 'zod'
import { below, disturbs, every, type Change, type Disturbance } from '../core/change.js'
import { claimOf } from '../core/claim.js'
import { ProvisionError } from '../core/errors.js'
import { becomes } from '../core/fact.js'
import { defineModule } from '../core/module.js'
import { reveal } from '../core/secret.js'
import { script, sh, type Script } from '../core/shell.js'
import { fileAt, type FileState } from '../facts/file.js'
import { identity } from '../facts/identity.js'
import { mountAt, mountField } from '../facts/mount.js'
import { unitKind } from '../facts/unit.js'
import { absolutePath } from './arguments.js'
import { edited, editText, type Edit, type FileFacts } from './edited-text.js'
import { file } from './file.js'
import { parentOf } from './file-access.js'

const FSTAB = '/etc/fstab'
const word = z.string().regex(/^[^\s#]\S*$/, 'expected text without spaces')

const args = z.strictObject({
  path: absolutePath.refine((path) => path !== '/', 'the root is mounted before anything can be said about it').describe('Where it is mounted. The directory is made when it is missing.'),
  state: z.enum(['mounted', 'present', 'unmounted', 'absent']).describe('`mounted`: in fstab, and mounted now. `present`: in fstab; what is mounted is left alone. `unmounted`: not mounted now; fstab is left alone. `absent`: neither, and its directory is gone, if it is empty.'),
  src: z.string().regex(/^[^\t\r\n#][^\t\r\n]*$/).optional().describe('What is mounted: a device, `UUID=…`, `server:/path`, a directory for a bind mount, `tmpfs`. Needed for `mounted` and `present`.'),
  fstype: word.optional().describe('The type of the file system, such as ext4, nfs, tmpfs, or `none` for a bind mount. Needed for `mounted` and `present`.'),
  opts: word.default('defaults').describe('Options with commas between.'),
  boot: z.boolean().default(true).describe('Whether it is mounted at boot; else `noauto` is added to the options.'),
  dump: z.int().min(0).default(0).describe('The fifth field of fstab.'),
  passno: z.int().min(0).max(2).default(0).describe('The sixth field of fstab: the order in which file systems are looked at when the host boots, 0 for never.'),
}).refine(({ state, src, fstype }) => state === 'unmounted' || state === 'absent' || (src !== undefined && fstype !== undefined), { message: 'say what is mounted: `src` and `fstype`', path: ['src'] })
type Args = z.output<typeof args>

export const mount = defineModule({
  name: 'mount',
  kind: 'state',
  summary: 'A file system is mounted, now and by a line of /etc/fstab after a reboot, or is not.',
  risks: ({ state }) => (state === 'unmounted' ? ['destructive'] : []),
  args,
  examples: [
    'mount: { path: /srv/data, src: UUID=0a3407de-014b-458b-b5c1-848e92a327a3, fstype: ext4, opts: noatime, passno: 2, state: mounted }',
    'mount: { path: /srv/share, src: nas.example.com:/export/share, fstype: nfs, opts: "ro,hard", state: mounted }',
    'mount: { path: /srv/old, state: absent }',
  ],
  needs: ({ path }) => ({ now: fileAt(FSTAB), parent: fileAt('/etc'), who: identity, mounted: mountAt(path), point: fileAt(path) }),
  mayDisturb: ({ path, state }) => [...(state === 'unmounted' ? [] : [below(FSTAB)]), disturbs(mountAt(path)), ...effects(path), ...(state === 'mounted' ? above(path) : [])],
  // `present` and `unmounted` go together: each says one half
  claims: ({ path, state, src, fstype, opts, boot }) => [claimOf(`mount:${path}`, {
    ...(state === 'mounted' || state === 'present' ? { 'in fstab': true, src, fstype, opts, boot } : state === 'absent' ? { 'in fstab': false } : {}),
    ...(state === 'present' ? {} : { mounted: state === 'mounted' }),
  })],
  check(wanted, { mounted, point, ...facts }) {
    const { path, state } = wanted
    if (point.type !== 'directory' && point.type !== 'absent') throw new ProvisionError('not-a-directory', `${path} is no directory`, { hint: 'choose another path, or move it away by hand' })
    switch (state) {
      case 'unmounted': return mounted ? [unmount(path, false)] : []
      case 'absent': return [...listed(facts, without(path)), ...(mounted ? [unmount(path, true)] : point.type === 'directory' ? [removed(path)] : [])]
      case 'present': return listed(facts, present(wanted))
      case 'mounted': return [...listed(facts, present(wanted)), ...(mounted ? mountedAnew(path, listed(facts, present(wanted)), sourceMoved(wanted, facts.now)) : [mountNow(path, point)])]
      default: return state satisfies never
    }
  },
})

/** What is below the point is another file system's; systemd has a unit for each. */
const effects = (path: string): readonly Disturbance[] => [below(path), every(unitKind)]

const fieldsOf = (line: string): readonly string[] => (/^\s*(#|$)/.test(line) ? [] : line.trim().split(/\s+/))
const isOf = (path: string, line: string): boolean => fieldsOf(line)[1] === mountField(path)

const wantedFields = ({ path, src = '', fstype = '', opts, boot, dump, passno }: Args): readonly string[] =>
  [mountField(src), mountField(path), fstype, boot || opts.split(',').includes('noauto') ? opts : `${opts},noauto`, String(dump), String(passno)]

/** A line that says the same in other spacing, or leaves out the last zeros, stays as it is. */
const present = (wanted: Args): Edit => (lines) => {
  const fields = wantedFields(wanted)
  const [first, ...more] = lines.flatMap((line, index) => (isOf(wanted.path, line) ? [index] : []))
  if (first === undefined) return [...lines.keys(), fields.join(' ')]
  const [source, at, type, options, dump = '0', passno = '0'] = fieldsOf(lines[first] ?? '')
  const same = [source, at, type, options, dump, passno].join(' ') === fields.join(' ')
  return [...lines.keys()].filter((index) => !more.includes(index)).map((index) => (index === first && !same ? fields.join(' ') : index))
}

const without = (path: string): Edit => (lines) => lines.flatMap((line, index) => (isOf(path, line) ? [] : [index]))

/** The edit of fstab; systemd makes its units of it. */
const listed = (facts: FileFacts, edit: Edit): readonly Change[] => {
  const content = facts.now.type === 'absent' ? edited('', edit) : undefined
  const changes = content !== undefined ? file.check({ path: FSTAB, state: 'present', content, mode: '0644' }, facts) : facts.now.type === 'absent' ? [] : editText(FSTAB, facts, edit)
  return changes.map((change) => ({
    ...change, actions: [...change.actions, { do: 'exec', script: 'if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi' }], disturbs: [...(change.disturbs ?? []), every(unitKind)],
  }))
}

/** Whether fstab says of what is mounted that it is something else. */
const sourceMoved = (wanted: Args, now: FileState): boolean => {
  const line = now.type === 'file' ? reveal(now.content ?? '').split('\n').find((one) => isOf(wanted.path, one)) : undefined
  return line === undefined || fieldsOf(line)[0] !== wantedFields(wanted)[0] || fieldsOf(line)[2] !== wanted.fstype
}

const isMounted = (path: string): Script => sh`mountpoint -q -- ${path}`

const mountNow = (path: string, point: FileState): Change => ({
  summary: `mount ${path}`,
  actions: [{ do: 'exec', script: script(sh`mkdir -p -- ${path} && mount -- ${path}`).text }],
  predicts: [becomes(mountAt(path), true)],
  disturbs: [...(point.type === 'absent' ? above(path) : []), ...effects(path)],
  confirm: isMounted(path).text,
})

/** What is mounted already follows its line: by other options, or by being mounted again when it is something else. */
const mountedAnew = (path: string, listing: readonly Change[], moved: boolean): readonly Change[] => (listing.length === 0 ? [] : [{
  summary: `mount ${path} again`,
  actions: [{ do: 'exec', script: (moved ? sh`umount -- ${path} && mount -- ${path}` : sh`mount -o remount -- ${path}`).text }],
  predicts: [becomes(mountAt(path), true)],
  disturbs: effects(path),
  confirm: isMounted(path).text,
}])

const unmount = (path: string, remove: boolean): Change => ({
  summary: `unmount ${path}`,
  actions: [{ do: 'exec', script: (remove ? sh`umount -- ${path} && rmdir -- ${path}` : sh`umount -- ${path}`).text }],
  predicts: [becomes(mountAt(path), false), ...(remove ? [becomes(fileAt(path), { type: 'absent' })] : [])],
  disturbs: effects(path),
  confirm: sh`! ${isMounted(path)}`.text,
})

const removed = (path: string): Change => ({
  summary: `remove directory ${path}`,
  actions: [{ do: 'exec', script: sh`rmdir -- ${path}`.text }],
  predicts: [becomes(fileAt(path), { type: 'absent' })],
  disturbs: [below(path)],
  confirm: sh`[ ! -e ${path} ]`.text,
})

/** The folders above a path, which may have to be made. */
const above = (path: string): readonly Disturbance[] => (parentOf(path) === '/' ? [] : [disturbs(fileAt(parentOf(path))), ...above(parentOf(path))])
