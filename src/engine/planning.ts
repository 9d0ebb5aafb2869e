import { exitCode, failureOf, ProvisionError } from '../core/errors.js'
import { stepsIn } from '../core/step.js'
import { noSuchBecomeUser } from '../core/transport.js'
import { Unknown } from '../core/unknown.js'
import { notNeeded } from './block.js'
import { gather } from './gather.js'
import { hostFacts } from './judge.js'
import { userOf } from './host.js'
import { register, registeredOk } from './registered.js'
import type { Mode } from './walk.js'

/** The mode that believes: nothing on a host is altered, and what cannot be known is deferred. */
export const planning: Mode = {
  name: 'plan',
  isOut: ({ out }) => out,
  async observe(lane, reached) {
    const { bound } = reached
    const { host } = lane
    const user = userOf(bound.become)
    const facts = hostFacts(bound.bound.needs).filter((fact) => host.snapshot.read(user, fact) === 'never-asked')
    try {
      if (facts.length > 0) host.snapshot.learn(user, facts, await gather(await host.session(bound.become), facts))
    } catch (error) {
      if (!(error instanceof ProvisionError)) throw error
      // whom an earlier step makes cannot be asked before
      const maker = error.code === noSuchBecomeUser && bound.become !== undefined ? host.snapshot.alteredBy(`user:${bound.become.user}`) : undefined
      if (maker !== undefined) host.snapshot.suppose(user, facts, maker)
      else if (error.exit === exitCode.unreachable) lane.lose(error)
      else {
        lane.fail(reached, failureOf(error))
        return { ...reached.at, item: reached.at.item + 1 }
      }
    }
    return undefined
  },
  async settle(lane, judged) {
    const { verdict, bound, step } = judged
    const { host, owner } = lane
    const name = bound?.name ?? step.name
    const user = userOf(bound?.become)
    if (verdict.status === 'change') host.snapshot.believe(user, name, verdict.changes)
    if (verdict.status === 'deferred') host.snapshot.believe(user, name, [{ predicts: [], ...(bound?.bound.mayDisturb === undefined ? {} : { disturbs: bound.bound.mayDisturb }) }])
    if (verdict.status === 'change' || verdict.status === 'deferred') for (const other of lane.walk.hosts.values()) other.snapshot.believeBeyond(name)
    register(owner, step, judged.at.item, verdict.status === 'ok' || verdict.status === 'skipped' ? registeredOk(verdict) : new Unknown(name))
    lane.tell(judged)
    return undefined
  },
  finish: async () => undefined,
  async unfailed(lane, block, isOpen, around) {
    if (!isOpen) return notNeeded(lane, block, around)
    const until = `${block.name} to fail`
    for (const step of stepsIn(block.rescue)) {
      if (step.register !== undefined) lane.owner.registered.set(step.register, new Unknown(until))
      // what a failure would lead to is listed, but not believed: a plan tells what comes of a run without one
      lane.tell({ at: { step: 0, item: 0 }, step: { ...lane.named(step, around), notify: [] }, verdict: { status: 'deferred', until }, started: lane.walk.now() })
    }
  },
  paid: async ({ host }, debts) => { host.pay(debts) },
}
