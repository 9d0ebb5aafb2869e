import { exitCode, ProvisionError, type Place } from '../core/errors.js'
import type { Risk } from '../core/risk.js'
import type { PlanFile } from './plan-file.js'

/** What it takes before a plan is applied, as an inventory says it. */
export interface Policy {
  readonly required: number
  readonly signers: string
  readonly 'by-author': boolean
  readonly roles: Readonly<Partial<Record<Risk, readonly string[]>>>
  readonly 'valid-hours': number
  readonly at: Place
}

const HOUR = 3_600_000

const refuse = (code: string, message: string, hint: string, at?: Place): ProvisionError => new ProvisionError(code, message, { exit: exitCode.unapproved, hint, at })

/** Refuses a plan whose time is over or has not come, by its own word and by that of the inventory. */
export const requireTime = ({ header }: PlanFile, policies: readonly Policy[], now: Date): void => {
  const { created, expires, window } = header
  if (expires !== undefined && now > new Date(expires)) throw refuse('plan-expired', `the plan expired at ${expires}`, 'plan again, and have it approved')
  for (const policy of policies) {
    if (now.getTime() > new Date(created).getTime() + policy['valid-hours'] * HOUR) {
      throw refuse('plan-expired', `the plan is of ${created}, and plans for this inventory may be ${policy['valid-hours']} hours old`, 'plan again, and have it approved', policy.at)
    }
  }
  if (window === undefined) return
  if (now < new Date(window.from)) throw refuse('outside-window', `the plan is for ${window.from} and later`, 'wait until then')
  if (now > new Date(window.to)) throw refuse('outside-window', `the plan was for times up to ${window.to}`, 'plan again for another window')
}

/** Refuses a plan that has not been approved by whom the inventory names. */
export const requireApprovals = ({ header, plan }: PlanFile, policy: Policy, signers: readonly string[]): void => {
  const counting = [...new Set(signers)].filter((signer) => policy['by-author'] || signer !== header.author)
  if (counting.length < policy.required) {
    const own = signers.includes(header.author) && !policy['by-author'] ? `; that of ${header.author}, who made the plan, does not count` : ''
    throw refuse('not-approved', `the plan has ${counting.length} of ${policy.required} approvals that it needs${own}`, 'provision approve FILE --key KEY, by somebody else who is among the signers', policy.at)
  }
  const found = new Set(plan.steps.flatMap(({ risks }) => risks))
  for (const [risk, people] of Object.entries(policy.roles)) {
    if (!found.has(risk as Risk) || people.some((person) => counting.includes(person))) continue // the schema allows no other words
    throw refuse('role-not-approved', `the plan has steps with the risk "${risk}", which none of ${people.join(', ')} has approved`, 'have one of them approve it', policy.at)
  }
}
