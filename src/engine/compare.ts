import { isLocalAnswer, type Claim } from '../core/claim.js'
import { exitCode, ProvisionError } from '../core/errors.js'
import type { Controller } from '../core/fact.js'
import { stepsIn, type Play } from '../core/step.js'
import { Unknown, UnknownValue } from '../core/unknown.js'
import { reach } from './reach.js'
import { rules } from './rules/index.js'
import type { ClaimedHost, Finding, Said } from './rules/rule.js'

/** What steps of all hosts say, compared: the mistakes that no step shows alone. The files were validated before. */
export const compare = async (plays: readonly Play[], hosts: readonly Omit<ClaimedHost, 'said'>[], controller: Controller): Promise<readonly ProvisionError[]> => {
  const claimed = await Promise.all(hosts.map(async (host): Promise<ClaimedHost> => ({ ...host, said: await saidOf(host.name, plays, controller) })))
  return mistakesOf(rules.flatMap((rule) => rule(claimed)))
}

/** Of steps whose values are known, as far as they are states: verbs and procedures say what is done, not what is, and handlers act only when something changed. */
const saidOf = async (host: string, plays: readonly Play[], controller: Controller): Promise<readonly Said[]> => {
  const said: Said[] = []
  for (const play of plays.filter(({ hosts, procedure }) => hosts.includes(host) && procedure !== true)) {
    const registered = new Map(stepsIn([...play.steps, ...play.handlers.flatMap(({ steps }) => steps)]).flatMap(({ register, name }) => (register === undefined ? [] : [[register, new Unknown(name)] as const])))
    // only a run will know
    const passing = (error: unknown): void => { if (!(error instanceof UnknownValue)) throw error }
    // what a rescue says holds where the block did not
    for (const { step, around } of reach(play.steps, host, registered, passing, undefined, ({ block, always }) => [...block, ...always])) {
      try {
        const binding = step.bind(host, registered, around)
        for (const { name, bound, delegate } of 'skipped' in binding ? [] : binding.steps) {
          if (delegate !== undefined && delegate !== host) continue
          for (const claim of bound.kind === 'state' ? bound.claims?.() ?? [] : []) said.push({ step: name, place: step.place, claim: await answered(claim, controller) })
        }
      } catch (error) {
        passing(error)
      }
    }
  }
  return said
}

/** The claim with what only the controller knows. */
const answered = async (claim: Claim, controller: Controller): Promise<Claim> => {
  if (claim.claims !== 'object') return claim
  return { ...claim, is: Object.fromEntries(await Promise.all(Object.entries(claim.is).map(async ([name, value]) => [name, isLocalAnswer(value) ? await value.read(controller) : value] as const))) }
}

/** The same mistake on many hosts is told once, with their names. */
const mistakesOf = (findings: readonly Finding[]): readonly ProvisionError[] => {
  const found = new Map<string, { readonly finding: Finding; readonly hosts: string[] }>()
  for (const finding of findings) {
    const id = `${finding.code} ${finding.at.file}:${finding.at.line}:${finding.at.column} ${finding.message}`
    const same = found.get(id)
    if (same === undefined) found.set(id, { finding, hosts: [finding.host] })
    else if (!same.hosts.includes(finding.host)) same.hosts.push(finding.host)
  }
  return [...found.values()].map(({ finding: { code, message, hint, at }, hosts }) => new ProvisionError(code, `${message} (${few(hosts)})`, { exit: exitCode.input, hint, at }))
}

const few = (hosts: readonly string[]): string => (hosts.length <= 4 ? hosts.join(', ') : `${hosts.slice(0, 3).join(', ')} and ${hosts.length - 3} more`)
