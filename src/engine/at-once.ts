import { exitCode, failureOf, ProvisionError, type Failure } from '../core/errors.js'
import type { Transport } from '../core/transport.js'
import { reasonOf } from './host.js'

/** What came of one host: an answer, why it was not reached, or why there is no answer. */
export type Reached<T> = { readonly answer: T } | { readonly lost: string } | { readonly failure: Failure }

export interface AtOnce {
  /** Hosts that are dealt with at the same time. */
  readonly forks: number
  /** Aborted, no further host is begun with, and none is waited for that does not answer. */
  readonly signal: AbortSignal
}

/** Does the same with many hosts at once, over one connection each; answers come in the order of the hosts. */
export const atOnce = async <T>(transports: readonly Transport[], { forks, signal }: AtOnce, work: (transport: Transport) => Promise<T>): Promise<ReadonlyMap<string, Reached<T>>> => {
  const reached = new Map<string, Reached<T>>(transports.map(({ host }) => [host, { failure: failureOf(interrupted(host)) }]))
  const waiting = [...transports]
  const next = async (): Promise<void> => {
    for (let transport = waiting.shift(); transport !== undefined && !signal.aborted; transport = waiting.shift()) reached.set(transport.host, await reach(transport, signal, work))
  }
  await Promise.all(Array.from({ length: Math.max(1, forks) }, next))
  return reached
}

const reach = async <T>(transport: Transport, signal: AbortSignal, work: (transport: Transport) => Promise<T>): Promise<Reached<T>> => {
  try {
    await unlessAborted(transport, signal)
    return { answer: await work(transport) }
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error
    return error.exit === exitCode.unreachable ? { lost: reasonOf(error) } : { failure: failureOf(error) }
  } finally {
    await transport.close()
  }
}

const unlessAborted = (transport: Transport, signal: AbortSignal): Promise<void> => new Promise((resolve, reject) => {
  const stop = (): void => { reject(interrupted(transport.host)) }
  signal.addEventListener('abort', stop, { once: true })
  transport.open().then(resolve, reject).finally(() => { signal.removeEventListener('abort', stop) })
})

const interrupted = (host: string): ProvisionError => new ProvisionError('interrupted', `interrupted on ${host}`, { exit: exitCode.interrupted })

/** The exit code that the answers of all hosts call for. */
export const exitOfAll = <T>(all: Iterable<Reached<T>>, isFailed: (answer: T) => boolean): number => {
  const list = [...all]
  if (list.some((one) => 'failure' in one && one.failure.code === 'interrupted')) return exitCode.interrupted
  if (list.some((one) => 'failure' in one || ('answer' in one && isFailed(one.answer)))) return exitCode.failed
  return list.some((one) => 'lost' in one) ? exitCode.unreachable : exitCode.done
}
