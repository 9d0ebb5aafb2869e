import { exitCode, failureOf, ProvisionError, type Failure } from '../core/errors.js'
import type { Change } from '../core/change.js'
import type { Verdict } from '../core/verdict.js'
import type { Lane } from './lane.js'
import { planning } from './planning.js'
import { register, registeredFailure, registeredOk } from './registered.js'
import type { Judged, Mode } from './walk.js'

/** The mode that only looks: what a step would wait for does not hold, and a check that fails keeps no other one from being made. */
export const verifying: Mode = {
  ...planning,
  name: 'verify',
  isOut: ({ lost }) => lost !== undefined,
  async observe(lane, reached) {
    const back = await planning.observe(lane, reached)
    goOn(lane)
    return back
  },
  async settle(lane, judged) {
    const verdict = judged.verdict.status === 'change' ? await missing(lane, judged, judged.verdict.changes) : judged.verdict
    if (verdict === undefined) return undefined
    register(lane.owner, judged.step, judged.at.item, verdict.status === 'failed' ? registeredFailure(verdict.error) : registeredOk(verdict))
    lane.tell(judged, verdict)
    goOn(lane)
    return undefined
  },
}

/** Where a block takes failures up, they are its own. */
const goOn = (lane: Lane): void => {
  if (lane.nets === 0) lane.failing = undefined
}

/** Looks once more, by the tests that would confirm the changes, which tell what was seen instead. */
const missing = async (lane: Lane, { bound }: Judged, changes: readonly Change[]): Promise<Verdict | undefined> => {
  const seen: string[] = []
  try {
    const session = await lane.host.session(bound?.become)
    let isSo = true
    for (const { confirm } of changes) {
      const { exit, stdout, stderr } = confirm === undefined ? { exit: 1, stdout: '', stderr: '' } : await session.exec(confirm)
      if (exit === 0) continue
      isSo = false
      seen.push(`${stdout}${stderr}`.trim())
    }
    if (isSo) return { status: 'ok' }
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error
    if (error.exit !== exitCode.unreachable) return { status: 'failed', error: failureOf(error) }
    lane.lose(error)
    return undefined
  }
  const output = seen.filter(Boolean).join('\n')
  const failure: Failure = { code: 'not-verified', message: `does not hold: ${changes.map(({ summary }) => summary).join(', ')}`, ...(output === '' ? {} : { output }) }
  return { status: 'failed', error: failure }
}
