import { sha256 } from '../core/digest.js'
import type { Noted } from '../inventory/read.js'
import { packageRoot } from './package.js'

/** Everything that a plan was made of, by where the reader would find it: below where they stand, in the package as `package:…`, or by its whole path. */
export class Inputs {
  readonly #digests = new Map<string, string>()
  constructor(private readonly cwd: string) {}

  readonly note: Noted = (path, text) => { this.noteDigest(path, sha256(text)) }
  readonly noteDigest = (path: string, digest: string): void => { this.#digests.set(this.#shown(path), `sha256:${digest}`) }

  /** Checksums by place, in the order of the places. */
  get files(): Readonly<Record<string, string>> { return Object.fromEntries([...this.#digests].toSorted(([one], [other]) => (one < other ? -1 : 1))) }

  /** One checksum of them all: the root over the places and their checksums. */
  get root(): string { return `sha256:${sha256(Object.entries(this.files).map(([path, digest]) => `${digest} ${path}\n`).join(''))}` }

  #shown(path: string): string {
    if (path.startsWith(`${this.cwd}/`)) return path.slice(this.cwd.length + 1)
    return path.startsWith(`${packageRoot}/`) ? `package:${path.slice(packageRoot.length + 1)}` : path
  }
}
