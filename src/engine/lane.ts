import type { Because } from '../core/events.js'
import { failureOf, ProvisionError, type Failure } from '../core/errors.js'
import { isBlock, partsOf, type Around, type BoundStep, type Part, type Play, type Step } from '../core/step.js'
import { UnknownValue } from '../core/unknown.js'
import type { Verdict } from '../core/verdict.js'
import { asked } from './basics.js'
import { walkBlock } from './block.js'
import { delegated } from './delegated.js'
import { debtsOf, dueOn, paidBy } from './handlers.js'
import { reasonOf, userOf, type Host } from './host.js'
import { onceDone, shareRegistered } from './once.js'
import { donePassed, forgetSaid } from './passed.js'
import { register, registeredFailure } from './registered.js'
import { askingElsewhere } from './elsewhere.js'
import { hostFacts, judge, localAnswers, type LocalAnswers } from './judge.js'
import type { Pending } from './running.js'
import type { Batch, Judged, Pointer, Walk } from './walk.js'

/** One host's way through a play. */
export class Lane {
  /** Steps judged since the last frame, in order; they are told once it has come back. */
  readonly pending: Pending[] = []
  /** Why the steps at hand run, when they are a handler's. */
  handler: Because | undefined
  /** How often the host was not as believed, by step: what never comes to rest is given up. */
  readonly moves = new Map<string, number>()
  /** The failure because of which nothing more is done here, until a block around takes it up. */
  failing: { readonly step: string; readonly error: Failure } | undefined
  /** Blocks around that take up a failure. */
  nets = 0
  /** `owner` is the host whose step it is, where that is done on another one. */
  constructor(readonly host: Host, readonly play: Play, readonly walk: Walk, readonly batch: Batch, readonly owner: Host = host) {}

  /** Runs what is owed so far, in the order of the play. */
  async handlers(): Promise<void> {
    for (const handler of this.play.handlers) {
      if (this.stopped) return
      const due = dueOn(this, handler)
      if (due === undefined) continue
      this.handler = due.because
      const isDone = due.until === undefined ? await this.steps(handler.steps) : await this.passOver(handler.steps, { status: 'deferred', until: due.until })
      this.handler = undefined
      if (!isDone) return
      const paid = paidBy(this, handler)
      for (const debt of paid) this.host.mayNotify.delete(debt)
      await this.walk.mode.paid(this, paid)
    }
  }

  /** Settles steps without walking them: all have the same verdict, but for those that are skipped in any case. */
  async passOver(parts: readonly Part[], verdict: Verdict, around?: Around): Promise<boolean> {
    for (const [index, part] of parts.entries()) {
      if (this.stopped) return false
      if (isBlock(part)) {
        const bound = verdict.status === 'deferred' ? await this.bind(part, around) : { verdict }
        if ('verdict' in bound) await this.passOver(partsOf(part), bound.verdict.status === 'skipped' ? bound.verdict : verdict, around)
        else for (const round of bound.rounds) await this.passOver(partsOf(part), verdict, round.around)
        continue
      }
      if (part.flushHandlers) continue
      const started = this.walk.now()
      const bound = verdict.status === 'deferred' ? await this.bind(part, around) : { verdict }
      if ('verdict' in bound) await this.walk.mode.settle(this, { at: { step: index, item: 0 }, step: this.named(part, around), verdict: bound.verdict.status === 'skipped' ? bound.verdict : verdict, started })
      else for (const [item, one] of bound.steps.entries()) await this.walk.mode.settle(this, { at: { step: index, item }, step: part, bound: one, verdict, started })
    }
    return true
  }

  /** A step whose values are not known, under the name that it has in a round of the blocks around. */
  named(step: Step, around: Around | undefined): Step {
    return step.nameIn === undefined ? step : { ...step, name: step.nameIn(this.owner.name, this.owner.registered, around) }
  }

  get stopped(): boolean { return this.failing !== undefined || this.host.lost !== undefined || this.walk.stopping.asked }

  /** Walks a list of steps; whether it came to its end. */
  async steps(parts: readonly Part[], around?: Around): Promise<boolean> {
    const { mode } = this.walk
    let at: Pointer = { step: 0, item: 0 }
    while (!this.stopped) {
      const part = parts[at.step]
      if (part === undefined) {
        const back = await mode.finish(this)
        if (back === undefined) return this.failing === undefined && this.host.lost === undefined && this.pending.length === 0
        at = back
      } else if (isBlock(part) || part.flushHandlers) {
        const back = await mode.finish(this)
        if (back === undefined) {
          if (this.stopped) break
          if (isBlock(part)) await walkBlock(this, part, around)
          // inside a handler, those that are due wait for their own turn
          else if (this.handler === undefined) await this.handlers()
          at = { step: at.step + 1, item: 0 }
        } else at = back
      } else at = await this.step(part, at, around)
    }
    if (this.failing === undefined && this.host.lost === undefined) await mode.finish(this)
    return this.failing === undefined && this.host.lost === undefined && this.pending.length === 0 && parts[at.step] === undefined
  }

  /** One step with the items of its loop from `at` on; where to go on. */
  private async step(step: Step, at: Pointer, around: Around | undefined): Promise<Pointer> {
    const next = { step: at.step + 1, item: 0 }
    const started = this.walk.now()
    const settle = async (verdict: Verdict, where: Pointer, bound: BoundStep): Promise<Pointer | undefined> => this.walk.mode.settle(this, { at: where, step, verdict, started, bound })
    const already = step.once ? onceDone(this, step) : undefined
    const bound = already === undefined ? await this.bind(step, around) : { verdict: already }
    if ('verdict' in bound) {
      if (at.item > 0 && bound.verdict.status === 'skipped') return next
      const back = await this.walk.mode.settle(this, { at, step: this.named(step, around), verdict: bound.verdict, started })
      if (already !== undefined) shareRegistered(this, step)
      return back ?? next
    }
    if (step.once) this.batch.once.set(step, this.owner)
    for (let item = at.item; item < bound.steps.length; item++) {
      const one = bound.steps[item]
      const where = { step: at.step, item }
      if (one === undefined) break
      if (this.stopped) return where
      const done = donePassed(this, step, one)
      if (done !== undefined) {
        const before = await settle({ status: 'skipped', because: done }, where, one)
        forgetSaid(this, step, one.name)
        if (before !== undefined) return before
        continue
      }
      if (one.delegate !== undefined && one.delegate !== this.host.name) {
        // what stands before it on this host is done first, also where no turn of the play has seen to that: in handlers and blocks
        const before = await this.walk.mode.finish(this)
        if (before !== undefined) return before
        if (this.stopped) return where
        await delegated(this, step, one, one.delegate)
        continue
      }
      const back = await this.walk.mode.observe(this, { at: where, step, bound: one, started })
      if (back !== undefined) return back
      if (this.stopped) return where
      const local = await asked(this, () => localAnswers(one.bound.needs, askingElsewhere(this, one.become)))
      if (this.stopped) return where
      // nothing may come between judging and settling: other hosts' changes make facts unknown at any moment
      const again = await settle(this.judge(one, local), where, one)
      if (again !== undefined) return again
    }
    return next
  }

  /** Values of a step or block as they are now, or the verdict that follows from there being none. */
  async bind<B extends { readonly skipped: string } | object>(part: { bind(host: string, registered: ReadonlyMap<string, unknown>, around?: Around): B }, around: Around | undefined): Promise<{ readonly verdict: Verdict } | Exclude<B, { readonly skipped: string }>> {
    try {
      const binding = await asked(this, async () => part.bind(this.owner.name, this.owner.registered, around))
      return 'skipped' in binding ? { verdict: { status: 'skipped', because: String(binding.skipped) } } : binding as Exclude<B, { readonly skipped: string }> // what is left of the two
    } catch (error) {
      if (error instanceof UnknownValue) return { verdict: { status: 'deferred', until: error.until } }
      if (error instanceof ProvisionError) return { verdict: { status: 'failed', error: failureOf(error) } }
      throw error
    }
  }

  private judge(step: BoundStep, local: LocalAnswers): Verdict {
    const user = userOf(step.become)
    return judge(step.bound, (fact) => this.host.snapshot.read(user, fact), local)
  }

  /** Tells of a settled step and remembers what follows from it. */
  tell(judged: Judged, settled: Verdict = judged.verdict): void {
    const verdict = settled.status === 'failed' ? { ...settled, error: this.masked(settled.error) } : settled
    const { step, bound, started } = judged
    const name = bound?.name ?? step.name
    const ignored = verdict.status === 'failed' && step.ignoreFailure
    const rescued = verdict.status === 'failed' && !ignored && this.nets > 0
    this.owner.count(verdict, ignored ? 'ignored' : rescued ? 'rescued' : undefined)
    if (verdict.status === 'failed' && !ignored) this.failing = { step: name, error: verdict.error }
    const told = verdict.status === 'change' ? this.owner.notified : verdict.status === 'deferred' ? this.owner.mayNotify : undefined
    for (const debt of debtsOf(this, step)) told?.set(debt, [...(told.get(debt) ?? []), name])
    if (bound !== undefined) this.walk.rests?.({ user: userOf(bound.become), needs: hostFacts(bound.bound.needs).map(({ key }) => key), args: bound.bound.args, kind: bound.bound.kind, risks: bound.bound.risks }, judged.answers)
    this.walk.emit({
      type: 'step-settled', host: this.owner.name, play: this.play.name, step: name, module: step.module, place: step.place, verdict,
      ...(this.handler === undefined ? {} : { handler: this.handler }), ...(ignored ? { ignored: true } : {}), ...(rescued ? { rescued: true } : {}),
      ...(this.owner === this.host ? {} : { on: this.host.name }), ...(this.batch.turn === undefined ? {} : { batch: this.batch.turn }), ms: this.walk.now() - started,
    })
  }

  /** What a host answers may hold what nobody shall read. */
  private masked({ message, output, ...error }: Failure): Failure {
    const { mask } = this.walk
    return { ...error, message: mask(message), ...(output === undefined ? {} : { output: mask(output) }) }
  }

  /** The host is no longer reached: it leaves the walk, the others go on. */
  lose(error: ProvisionError): void {
    const reason = reasonOf(error)
    this.host.lost = reason
    this.walk.emit({ type: 'host-lost', host: this.host.name, reason })
  }

  /** A step has failed; where that is let pass, later steps may ask how. */
  fail(reached: Omit<Judged, 'verdict'>, error: Failure): void {
    register(this.owner, reached.step, reached.at.item, registeredFailure(error))
    this.tell({ ...reached, verdict: { status: 'failed', error } })
  }
}

