import type { Change, FileTree } from './change.js'
import type { FactPath } from './disturbance.js'
import { script, sh, type Script } from './shell.js'
import type { Text } from './secret.js'

/** A kind of question about hosts: one read-only POSIX script answers many subjects at once; a pure function reads each answer. */
export interface FactKind<T = unknown, S = string> {
  readonly name: string
  /** One sentence: what is answered. */
  readonly summary: string
  script(subjects: readonly S[]): Script
  /** The same script for subjects that stand in `"$@"`, so that a frame which asks many times holds it once. */
  readonly asks?: Script
  /** What the script printed, cut into one raw reply a subject, in order; throws when it cannot be. */
  split(output: string, subjects: readonly S[]): readonly string[]
  /** The inverse of `split`: what the script prints when the host still answers so. Guards rest on it. */
  join(replies: readonly string[], subjects: readonly S[]): string
  /** Throws ProvisionError when the host could not tell: absent is an answer, denied is not. */
  parse(subject: S, reply: string): T
  /** The path that the answer rests on, as asked and, if a reply tells it, with links resolved: what changes there makes it unknown. */
  path?(subject: S, reply?: string): FactPath
  /** The answer depends on something beyond the host (a remote port, SQL, a URL): forgotten after any change on any host. */
  readonly beyond?: boolean
  /** The answer cannot change while a session lives, so that no guard reads it again. */
  readonly constant?: boolean
  /** No step alters it but by saying what it is afterwards: `*` does not cover it. */
  readonly aside?: boolean
  /** The answer that follows from a tree known to be there after a change; `undefined` when it cannot be told. */
  fromTree?(subject: S, tree: FileTree): T | undefined
}

/** One question: `unit:nginx.service`. Equal keys are one question; an answer belongs to (host, user, key). */
export interface HostFact<T = unknown, S = any> { readonly key: string; readonly kind: FactKind<T, S>; readonly subject: S }

/** The same about the controller: a template's text, a distribution's checksum. `key` only names it in messages. */
export interface LocalFact<T = unknown> {
  readonly key: string
  /** It evaluates text of the reader, which may ask what hosts are. */
  readonly evaluates?: true
  read(controller: Controller): Promise<T>
}
export type Fact<T = unknown> = HostFact<T> | LocalFact<T>

export type Needs = Readonly<Record<string, Fact<any>>>
export type Answers<N extends Needs> = { readonly [K in keyof N]: N[K] extends Fact<infer T> | undefined ? T : never }

/** The variables that a host's step sees, evaluated when they are looked up. */
export interface Scope {
  readonly host: string
  lookup(name: string): unknown
  /** Takes the secrets in a value that an expression has made, so that they are known from now on. */
  learn?(value: unknown): void
}

export interface LocalFile {
  readonly local: string
  readonly sha256: string
  readonly size: number
  /** Tells whether anybody wrote to it since it was digested; none if it had been touched just before. */
  readonly stamp?: string
}
export interface ArchiveEntry {
  /** Relative to the archive's root, `/` between folders, no trailing one. */
  readonly path: string
  readonly type: 'file' | 'directory' | 'link'
  /** Octal, four digits. */
  readonly mode: string
  /** Target of a link. */
  readonly target?: string
  readonly size: number
  /** Bytes of a file of at most 64 KiB. */
  readonly content?: Uint8Array
}

/** What facts may ask of the machine that `provision` runs on; every answer is remembered for the run. */
export interface Controller {
  /** A file by its path, as given or relative to the playbook; throws `missing-file`. */
  file(path: string): Promise<LocalFile>
  text(path: string): Promise<string>
  bytes(path: string): Promise<Uint8Array>
  /** The entries of a zip or tar.gz. */
  archive(path: string): Promise<readonly ArchiveEntry[]>
  /** One entry's text. */
  archiveText(path: string, entry: string): Promise<string>
  /** The checksum of a file as it is now, which is not remembered; nothing where there is none. Relative to where the reader stands. */
  digest(path: string): Promise<string | undefined>
  /** Writes a file of its owner's, whole or not at all, with the folders that it lies in. */
  save(path: string, bytes: Uint8Array): Promise<void>
  /** What another host of the walk answers; throws UnknownValue where only a run will know. */
  elsewhere<T>(host: string, fact: HostFact<T>): Promise<T>
  /** A template under the templates' roots, rendered. */
  render(source: string, scope: Scope): Promise<Text>
}

/** Plain data, so that a plan can be compared and saved: a fact's value afterwards, or a whole tree of files below a path. */
export type Prediction =
  | { readonly fact: string; readonly value: unknown }
  | { readonly below: string; readonly tree: FileTree }
export const becomes = <T>(fact: Fact<T>, value: NoInfer<T>): Prediction => ({ fact: fact.key, value })

export const isHostFact = (fact: Fact<any>): fact is HostFact<any> => 'kind' in fact

/** A kind whose script takes its subjects from `"$@"`. */
export const asking = (asks: Script): { readonly asks: Script; script(subjects: readonly string[]): Script } => ({ asks, script: (subjects) => script(sh`set -- ${subjects}`, asks) })

/** The usual split and join: one line a subject. */
export const oneLineEach = {
  split: (output: string, subjects: readonly unknown[]): readonly string[] => {
    const lines = output.split('\n')
    if (lines.at(-1) === '') lines.pop()
    if (lines.length !== subjects.length) throw new RangeError(`${lines.length} lines for ${subjects.length} subjects`)
    return lines
  },
  join: (replies: readonly string[]): string => replies.map((reply) => `${reply}\n`).join(''),
}

export type { Change }
