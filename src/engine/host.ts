import type { ProvisionError } from '../core/errors.js'
import type { Become, Session, Transport } from '../core/transport.js'
import type { Recap } from '../core/events.js'
import type { Verdict } from '../core/verdict.js'
import { Snapshot } from './snapshot.js'

/** Who asks and acts when a step does not become somebody. */
export const LOGIN = '(login)'
export const userOf = (become: Become | undefined): string => (become === undefined ? LOGIN : `${become.method}:${become.user}`)

/** Why a host is lost: what happened, and what to do about it. */
export const reasonOf = ({ message, hint }: ProvisionError): string => (hint === undefined ? message : `${message}\n${hint}`)

/** One host of a walk: its door, what is believed of it, what was registered, and how it fares. */
export class Host {
  readonly name: string
  readonly transport: Transport
  readonly snapshot: Snapshot
  readonly registered: Map<string, unknown>
  /** Handlers that this run's changes have notified, by play and name, with who did. */
  readonly notified: Map<string, readonly string[]>
  /** Handlers that an earlier run owes this host, by the id of its ledger. */
  readonly owed: Set<string>
  readonly counts = { ok: 0, changed: 0, deferred: 0, skipped: 0, failed: 0, ignored: 0 }
  /** Why the host could not be reached, or was lost. */
  lost: string | undefined
  /** Users whose sessions hold the host's lock, and how to become them. */
  readonly locked = new Map<string, Become | undefined>()
  /** Users whose ledgers on the host may hold debts, and how to become them. */
  readonly ledgers = new Map<string, Become | undefined>()
  /** How often each step was come to, by its address. */
  readonly passed: Map<string, number>
  /** Who is somebody here already, to ask what no user answers differently. */
  usual: Become | undefined
  /** Handlers that a deferred step may notify. */
  readonly mayNotify: Map<string, readonly string[]>

  constructor(name: string, transport: Transport, snapshot = new Snapshot(), from?: Host) {
    this.name = name
    this.transport = transport
    this.snapshot = snapshot
    this.registered = new Map(from?.registered)
    this.notified = new Map(from?.notified)
    this.mayNotify = new Map(from?.mayNotify)
    this.owed = new Set(from?.owed)
    this.lost = from?.lost
    this.usual = from?.usual
    this.passed = new Map(from?.passed)
  }

  /** The same host with other beliefs, so that a plan leaves those of the run alone. */
  fork(snapshot: Snapshot): Host { return new Host(this.name, this.transport, snapshot, this) }

  session(become: Become | undefined): Promise<Session> { return this.transport.session(become) }

  /** This user's session has taken the lock, and its ledger may hold debts from now on. */
  holds(user: string, become: Become | undefined): void {
    this.locked.set(user, become)
    this.ledgers.set(user, become)
  }

  /** These handlers' steps are done. */
  pay(debts: readonly string[]): void {
    for (const debt of debts) {
      this.notified.delete(debt)
      this.owed.delete(debt)
    }
  }

  get out(): boolean { return this.lost !== undefined || this.counts.failed > 0 }

  count(verdict: Verdict, taken?: 'ignored' | 'rescued'): void {
    switch (verdict.status) {
      case 'ok': this.counts.ok++; break
      case 'change': this.counts.changed++; break
      case 'deferred': this.counts.deferred++; break
      case 'skipped': this.counts.skipped++; break
      case 'failed':
        if (taken === undefined) this.counts.failed++
        else if (taken === 'ignored') this.counts.ignored++
        break
      default: verdict satisfies never
    }
  }

  recap(): Recap { return { ...this.counts, unreachable: this.lost !== undefined, round_trips: this.transport.roundTrips } }
}

