import type { Because } from '../core/events.js'
import { failureOf, ProvisionError, type Failure } from '../core/errors.js'
import type { Play, Step } from '../core/step.js'
import type { BoundStep } from '../core/step.js'
import { UnknownValue } from '../core/unknown.js'
import type { Verdict } from '../core/verdict.js'
import { debtOf, dueOn } from './handlers.js'
import { reasonOf, userOf, type Host } from './host.js'
import { registeredFailure } from './registered.js'
import { judge, localAnswers, type LocalAnswers } from './judge.js'
import type { Pending } from './running.js'
import type { Judged, Pointer, Walk } from './walk.js'

/** One host's way through a play. */
export class Lane {
  /** Steps judged since the last frame, in order; they are told once it has come back. */
  readonly pending: Pending[] = []
  /** Why the steps at hand run, when they are a handler's. */
  handler: Because | undefined
  /** How often the host was not as believed, by step: what never comes to rest is given up. */
  readonly moves = new Map<string, number>()
  constructor(readonly host: Host, readonly play: Play, readonly walk: Walk) {}

  /** All steps, then the handlers that they or an earlier run owe. */
  async run(): Promise<void> {
    await this.steps(this.play.steps)
    await this.handlers()
  }

  /** Runs what is owed so far, in the order of the play. */
  async handlers(): Promise<void> {
    for (const handler of this.play.handlers) {
      if (this.stopped) return
      const due = dueOn(this.host, handler)
      if (due === undefined) continue
      this.handler = due.because
      const isDone = due.until === undefined ? await this.steps(handler.steps) : await this.deferred(handler.steps, due.until)
      this.handler = undefined
      if (!isDone) return
      this.host.mayNotify.delete(debtOf(handler.name))
      await this.walk.mode.paid(this, debtOf(handler.name))
    }
  }

  /** Steps that may or may not be due, depending on a step that is deferred itself. */
  private async deferred(steps: readonly Step[], until: string): Promise<boolean> {
    for (const [index, step] of steps.entries()) {
      if (step.flushHandlers) continue
      const at = { step: index, item: 0 }
      const started = this.walk.now()
      const bound = this.bind(step)
      if ('verdict' in bound) await this.walk.mode.settle(this, { at, step, verdict: bound.verdict.status === 'skipped' ? bound.verdict : { status: 'deferred', until }, started })
      else for (const one of bound.steps) await this.walk.mode.settle(this, { at, step, bound: one, verdict: { status: 'deferred', until }, started })
    }
    return true
  }

  get stopped(): boolean { return this.host.out || this.walk.stopping.asked }

  /** Walks a list of steps; whether it came to its end. */
  async steps(steps: readonly Step[]): Promise<boolean> {
    const { mode } = this.walk
    let at: Pointer = { step: 0, item: 0 }
    while (!this.stopped) {
      const step = steps[at.step]
      if (step === undefined) {
        const back = await mode.finish(this)
        if (back === undefined) return !this.host.out && this.pending.length === 0
        at = back
      } else if (step.flushHandlers) {
        const back = await mode.finish(this)
        if (back === undefined) {
          // inside a handler, those that are due wait for their own turn
          if (this.handler === undefined) await this.handlers()
          at = { step: at.step + 1, item: 0 }
        } else at = back
      } else at = await this.step(step, at)
    }
    if (!this.host.out) await mode.finish(this)
    return !this.host.out && this.pending.length === 0 && steps[at.step] === undefined
  }

  /** One step with the items of its loop from `at` on; where to go on. */
  private async step(step: Step, at: Pointer): Promise<Pointer> {
    const next = { step: at.step + 1, item: 0 }
    const started = this.walk.now()
    const settle = async (verdict: Verdict, where: Pointer, bound?: BoundStep): Promise<Pointer | undefined> =>
      this.walk.mode.settle(this, { at: where, step, verdict, started, ...(bound === undefined ? {} : { bound }) })
    const bound = this.bind(step)
    if ('verdict' in bound) return at.item > 0 && bound.verdict.status === 'skipped' ? next : (await settle(bound.verdict, at)) ?? next
    for (let item = at.item; item < bound.steps.length; item++) {
      const one = bound.steps[item]
      const where = { step: at.step, item }
      if (one === undefined) break
      if (this.stopped) return where
      const back = await this.walk.mode.observe(this, { at: where, step, bound: one, started })
      if (back !== undefined) return back
      if (this.stopped) return where
      const local = await localAnswers(one.bound.needs, this.walk.controller)
      if (this.stopped) return where
      // nothing may come between judging and settling: other hosts' changes make facts unknown at any moment
      const again = await settle(this.judge(one, local), where, one)
      if (again !== undefined) return again
    }
    return next
  }

  private bind(step: Step): { readonly verdict: Verdict } | { readonly steps: readonly BoundStep[] } {
    try {
      const binding = step.bind(this.host.name, this.host.registered)
      return 'skipped' in binding ? { verdict: { status: 'skipped', because: binding.skipped } } : binding
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
    this.host.count(verdict, ignored)
    const told = verdict.status === 'change' ? this.host.notified : verdict.status === 'deferred' ? this.host.mayNotify : undefined
    for (const handler of step.notify) {
      const debt = debtOf(handler)
      told?.set(debt, [...(told.get(debt) ?? []), name])
    }
    this.walk.emit({
      type: 'step-settled', host: this.host.name, play: this.play.name, step: name, module: step.module, place: step.place, verdict,
      ...(this.handler === undefined ? {} : { handler: this.handler }), ...(ignored ? { ignored: true } : {}), ms: this.walk.now() - started,
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
    if (reached.step.register !== undefined) this.host.registered.set(reached.step.register, registeredFailure(error))
    this.tell({ ...reached, verdict: { status: 'failed', error } })
  }
}
