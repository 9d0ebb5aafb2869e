import type { HostFact, FactKind, LocalFile, Prediction } from './fact.js'
import type { Secret, Text } from './secret.js'
import type { Diff } from './diff.js'

/** A file system object as a host answers, and as a change predicts it. */
export type FileState =
  | { readonly type: 'absent' }
  | { readonly type: 'file'; readonly mode: string; readonly owner: string; readonly group: string; readonly sha256: Text
      /** Left out when it is over 64 KiB or not text. */
      readonly content?: Text }
  | { readonly type: 'directory'; readonly mode: string; readonly owner: string; readonly group: string }
  | { readonly type: 'link'; readonly target: string; readonly owner: string; readonly group: string }
  | { readonly type: 'other' }

/** Everything below a directory, by path relative to it: what is not listed is absent; `undefined` is there but not known in detail. */
export interface FileTree { readonly root: string; readonly entries: Readonly<Record<string, FileState | null>> }

/** A certificate and its private key, made by the controller when the change is performed. */
export interface Issue {
  readonly commonName: string
  /** DNS names and IP addresses. */
  readonly names: readonly string[]
  readonly days: number
  readonly key: 'rsa3072' | 'rsa2048' | 'ec256'
  /** The authority that signs; self-signed without. */
  readonly authority?: { readonly certificate: string; readonly key: Secret }
  readonly isAuthority?: boolean
}

/** What an action reads: text, a file of the controller, or a certificate issued just then (PKCS #8 key, certificate, authority, as PEM one after the other). */
export type Content = Text | LocalFile | { readonly issue: Issue }

/** A file that is brought: where it lies below both directories, and how it shall be. */
export interface BroughtFile { readonly path: string; readonly size: number; readonly sha256: string; readonly mode: string; readonly owner: string; readonly group: string }

/** One thing done to a host. Actions are data: what a plan prints is what a run executes. */
export type Action =
  | { readonly do: 'exec'; readonly script: Text; readonly stdin?: Content }
  | { readonly do: 'put'; readonly path: string; readonly content: Content; readonly mode: string; readonly owner: string; readonly group: string
      /** A script run before the file takes its place, `$1` being the new file; its failure keeps the old one. */
      readonly validate?: Text
      /** A script run after the file took its place; its failure puts the old one back. */
      readonly validateAfter?: Text }
  /** The host is started anew, and waited for that many seconds. */
  | { readonly do: 'reboot'; readonly timeout: number }
  /** A file of the host is copied to the controller. */
  | { readonly do: 'fetch'; readonly path: string; readonly to: string }
  /** Files below a directory of another host stream through the controller to a directory of this one. */
  | { readonly do: 'bring'; readonly from: string; readonly root: string; readonly to: string; readonly files: readonly BroughtFile[] }

/** Facts no longer known: `*`, a key, `KIND:*`, or `below:/path` (everything that rests on a path below it, or at it). */
export type Disturbance = string
export const everything: Disturbance = '*'
export const every = (kind: FactKind<any, any>): Disturbance => `${kind.name}:*`
export const below = (path: string): Disturbance => `below:${path}`
export const disturbs = (fact: HostFact<any>): Disturbance => fact.key

export interface Change {
  /** Imperative, at most 60 characters: `start nginx.service`. */
  readonly summary: string
  readonly diff?: Diff
  readonly actions: readonly Action[]
  /** Facts whose value is known afterwards. */
  readonly predicts: readonly Prediction[]
  /** Facts that are no longer known; left out: everything. */
  readonly disturbs?: readonly Disturbance[]
  /** It takes long: what it says is told as it comes, so that its step has a frame to itself. */
  readonly live?: true
  /** Exits 0 on the host when the change is done; without it the frame ends here. */
  readonly confirm?: Text
}

/** The confirmation of a change whose actions exit 0 only where it is done, such as `put`: nothing is left to be asked. */
export const byExit = 'true'
