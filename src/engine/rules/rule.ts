import type { Claim } from '../../core/claim.js'
import type { Place } from '../../core/errors.js'

/** What a step says of a host, and where the reader wrote it; answers of the controller stand in it by value. */
export interface Said<C extends Claim = Claim> { readonly claim: C; readonly step: string; readonly place: Place }

/** One host, and all that is said of it, in the order of the plays. */
export interface ClaimedHost {
  readonly name: string
  /** Where other hosts reach it. */
  readonly address?: string
  /** The port of its sshd, where it is reached by SSH under an address of its own. */
  readonly sshPort?: number
  /** Nodes of one machine name the same. */
  readonly machine?: string
  /** Where the inventory names it. */
  readonly place: Place
  readonly said: readonly Said[]
}

/** What a rule has found: of one host, with the place to mend. */
export interface Finding { readonly host: string; readonly code: string; readonly message: string; readonly hint: string; readonly at: Place }

/** Compares what is said of all hosts; pure, and of no module. */
export type Rule = (hosts: readonly ClaimedHost[]) => readonly Finding[]

/** Those claims of a host that are of one kind. */
export const claimsOf = <K extends Claim['claims']>(host: ClaimedHost, kind: K): readonly Said<Extract<Claim, { readonly claims: K }>>[] =>
  host.said.filter((one): one is Said<Extract<Claim, { readonly claims: K }>> => one.claim.claims === kind)

/** Each pair of a list, the earlier first. */
export const pairs = <T>(list: readonly T[]): readonly (readonly [T, T])[] => list.flatMap((one, index) => list.slice(index + 1).map((other) => [one, other] as const))

export const placeWord = ({ file, line, column }: Place): string => `${file}:${line}:${column}`

/** Nodes of one machine as one host, under the name of the first of them. */
export const machines = (hosts: readonly ClaimedHost[]): readonly ClaimedHost[] => {
  const first = (host: ClaimedHost): ClaimedHost => hosts.find(({ machine }) => machine !== undefined && machine === host.machine) ?? host
  return hosts.filter((host) => first(host) === host).map((host) => ({ ...host, said: hosts.filter((other) => first(other) === host).flatMap(({ said }) => said) }))
}
