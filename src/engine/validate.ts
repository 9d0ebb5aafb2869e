import { exitCode, ProvisionError } from '../core/errors.js'
import type { Controller } from '../core/fact.js'
import { isHostFact } from '../core/fact.js'
import { stepsIn, type Block, type Part, type Play } from '../core/step.js'
import { Unknown, UnknownValue } from '../core/unknown.js'
import { reach } from './reach.js'

/** The reader's mistakes that show without a connection: values that cannot be had, templates that cannot be rendered, files that are not there, and assertions about values alone that do not hold. */
export const validate = async (plays: readonly Play[], controller: Controller): Promise<readonly ProvisionError[]> => {
  const mistakes = new Map<string, ProvisionError>()
  const take = (error: unknown, { place }: Part): void => {
    if (error instanceof UnknownValue) return
    if (!(error instanceof ProvisionError)) throw error
    const { at = place } = error
    const id = `${error.code} ${at.file}:${at.line}:${at.column} ${error.message}`
    if (!mistakes.has(id)) mistakes.set(id, error.at === undefined || error.exit !== exitCode.input ? new ProvisionError(error.code, error.message, { ...error, exit: exitCode.input, at }) : error)
  }
  for (const play of plays) {
    const parts = [...play.steps, ...play.handlers.flatMap((handler) => handler.steps)]
    const registered = new Map([...stepsIn(parts).flatMap(({ register, name }) => (register === undefined ? [] : [[register, new Unknown(name)] as const])), ['failure', new Unknown('a step to fail')] as const])
    for (const host of play.hosts) {
      for (const { step, around } of reach(parts, host, registered, take)) {
        try {
          const binding = step.bind(host, registered, around)
          if ('skipped' in binding) continue
          for (const { bound } of binding.steps) {
            for (const fact of Object.values(bound.needs)) {
              if (isHostFact(fact)) continue
              await fact.read(controller).catch((error: unknown) => take(error, step))
            }
          }
        } catch (error) {
          take(error, step)
        }
      }
      for (const { step, around } of reach(play.steps, host, registered, () => {}, undefined, certain)) {
        if (step.ignoreFailure) continue
        try {
          const binding = step.bind(host, registered, around)
          // it asks nobody anything, and would fail for certain
          if ('steps' in binding) for (const { bound } of binding.steps) if (bound.early === true) bound.check({})
        } catch (error) {
          if (!(error instanceof ProvisionError) || error.exit === exitCode.failed) take(error, step)
        }
      }
    }
  }
  return [...mistakes.values()]
}

/** Of a block whose failures are taken up, nothing is certain to end the run. */
const certain = ({ block, rescue, always }: Block): readonly Part[] => (rescue.length > 0 ? always : [...block, ...always])
