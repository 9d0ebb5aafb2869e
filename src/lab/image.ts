import { createHash } from 'node:crypto'
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { arch } from 'node:os'
import { join } from 'node:path'
import { ProvisionError } from '../core/errors.js'
import type { Script } from '../core/shell.js'
import { buildBase, buildRepository, drivers, extendBase, suite, type Mirrors } from './image-build.js'
import { withLock } from './lock.js'
import { program } from './program.js'

/** What all hosts are made of; it is never written to once it is there. */
export interface Image {
  readonly digest: string
  readonly base: string
  readonly packages: string
  /** Paths of the JDBC drivers, by file name. */
  readonly drivers: Readonly<Record<string, string>>
}

const digestOf = (mirrors: Mirrors): string => {
  const hash = createHash('sha256')
  for (const part of [arch(), buildBase(mirrors).toString(), buildRepository(mirrors).toString()]) hash.update(part).update('\0')
  return hash.digest('hex').slice(0, 16)
}

/** The mirrors that this machine itself uses, so that a lab asks no host that the machine does not. */
export const machineMirrors = async (): Promise<Mirrors> => {
  const codename = /^VERSION_CODENAME=(\S+)$/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1] ?? suite
  const lines = (await program(['apt-get', 'indextargets', '--format', '$(REPO_URI) $(RELEASE) $(COMPONENT)', 'Identifier: Packages'])).split('\n')
  const uriOf = (release: string): string | undefined =>
    lines.map((line) => line.split(' ')).find(([, name, component]) => name === release && component === 'main')?.[0]?.replace(/\/$/, '')
  const main = uriOf(codename)
  if (main === undefined) throw new ProvisionError('lab-no-mirror', `apt of this machine knows no mirror of Debian ${codename}`, { hint: 'name one in /etc/apt/sources.list and run `apt-get update`' })
  return { main, security: uriOf(`${codename}-security`) }
}

/** Runs a build script so that nothing of it, neither process nor mount, outlives this program. */
const build = (directory: string, script: Script, signal: AbortSignal | undefined): Promise<string> =>
  program([
    'setpriv', '--pdeathsig', 'KILL', 'unshare', '--pid', '--fork', '--kill-child', '--mount', '--mount-proc', '--propagation', 'private',
    'sh', '-c', 'cd "$1" && exec sh -s', 'provision-lab', directory,
  ], { input: `${script.toString()}\n`, signal })

const exists = (path: string): Promise<boolean> => access(path).then(() => true, () => false)

export interface ImageOptions {
  readonly cache: string
  readonly say: (text: string) => void
  readonly signal?: AbortSignal | undefined
  /** Debian packages that hosts have beside those of the base image; such an image is made from the plain one and cached beside it. */
  readonly extra?: readonly string[] | undefined
}

/** The base image and package repository: from the cache, or made once in about two minutes. */
export const ensureImage = async ({ extra = [], ...options }: ImageOptions): Promise<Image> => {
  const mirrors = await machineMirrors()
  const plain = await ensurePlain(mirrors, options)
  return extra.length === 0 ? plain : ensureExtended(plain, mirrors, extra, options)
}

/** The plain image with more packages in its base; the package repository and the drivers are those of the plain one. */
const ensureExtended = async (plain: Image, mirrors: Mirrors, extra: readonly string[], { cache, say, signal }: ImageOptions): Promise<Image> => {
  const digest = createHash('sha256').update(`${plain.digest}\0${extendBase(mirrors, plain.base, extra).toString()}`).digest('hex').slice(0, 16)
  const directory = join(cache, digest)
  const image: Image = { ...plain, digest, base: join(directory, 'base') }
  if (await exists(directory)) return image
  return withLock(join(cache, 'lock'), { say, signal, waiting: 'another lab makes the base image; waiting for it' }, async () => {
    if (await exists(directory)) return image
    const building = join(cache, `building-${digest}`)
    await rm(building, { recursive: true, force: true })
    await mkdir(building)
    say(`making a base image with ${extra.join(', ')}, once; it takes half a minute`)
    await build(building, extendBase(mirrors, plain.base, extra), signal)
    await rename(building, directory)
    return image
  })
}

const ensurePlain = async (mirrors: Mirrors, { cache, say, signal }: ImageOptions): Promise<Image> => {
  const digest = digestOf(mirrors)
  const directory = join(cache, digest)
  const image: Image = {
    digest, base: join(directory, 'base'), packages: join(directory, 'packages'),
    drivers: Object.fromEntries(Object.keys(drivers).map((file) => [file, join(directory, 'drivers', file)])),
  }
  if (await exists(directory)) return image
  await mkdir(cache, { recursive: true })
  return withLock(join(cache, 'lock'), { say, signal, waiting: 'another lab makes the base image; waiting for it' }, async () => {
    if (await exists(directory)) return image
    // Whoever holds the lock is the only builder, so what an ended one left is nobody's.
    for (const name of await readdir(cache)) if (name.startsWith('building-')) await rm(join(cache, name), { recursive: true, force: true })
    const building = join(cache, `building-${digest}`)
    await mkdir(building)
    say(`making the base image (Debian ${suite}), once; it takes about a minute`)
    await build(building, buildBase(mirrors), signal)
    say('fetching the packages that hosts may install, once; about 200 MB')
    await build(building, buildRepository(mirrors), signal)
    await writeFile(join(building, 'image.json'), `${JSON.stringify({ digest, suite, mirrors, made: new Date().toISOString() }, undefined, 2)}\n`)
    await rename(building, directory)
    say(`the base image is in ${directory}`)
    return image
  })
}
