import type { LocalFact } from './fact.js'

/** What one step says of its host, as far as its arguments tell; what is left out is left alone. */
export type Claim =
  /** An object shall be so and so, `file:/etc/motd`: another step that wants it otherwise undoes this one. A local fact stands for its answer. */
  | { readonly claims: 'object'; readonly key: string; readonly is: Readonly<Record<string, unknown>> }
  /** A unit listens on a TCP port, at one address or at all. */
  | { readonly claims: 'port'; readonly port: number; readonly address?: string; readonly unit: string }
  /** The host takes a name for an address. */
  | { readonly claims: 'name'; readonly name: string; readonly address: string }
  /** The host shows a certificate that is valid for these names, in canonical form. */
  | { readonly claims: 'certificate'; readonly path: string; readonly names: readonly string[] }
  /** The host asks another one by TLS, and refuses a certificate that is not valid for this name, in canonical form. */
  | { readonly claims: 'trust'; readonly name: string; readonly url: string }

/** The state of an object, without what the arguments leave alone. */
export const claimOf = (key: string, is: Readonly<Record<string, unknown>>): Claim => ({ claims: 'object', key, is: Object.fromEntries(Object.entries(is).filter(([, value]) => value !== undefined)) })

/** What a claim rests on that only the controller knows. */
export const isLocalAnswer = (value: unknown): value is LocalFact => typeof value === 'object' && value !== null && 'read' in value
