import type { Failure } from '../core/errors.js'
import type { RunEvent, WalkDocument } from '../core/events.js'
import { oneLine, printable } from '../core/printable.js'
import { placeText } from './words.js'

/** How a report is written: text as XML has it between tags, or within these quotes; and the time. */
export interface JunitWriting { readonly write: (text: string) => void; readonly escape: (text: string, quote?: string) => string; readonly now: () => Date }

interface Case { readonly name: string; readonly of: string; readonly ms: number; readonly failure?: Failure; readonly skipped?: string; readonly out?: string }

/** The suite of what belongs to no host, such as mistakes of the files. */
const OURS = 'provision'

/** A walk as JUnit's XML, as Jenkins and GitLab read it: a suite a host, a case a step; written once, at its end. */
export const junit = ({ write, escape, now }: JunitWriting): WalkDocument => {
  const started = now().toISOString().slice(0, 19)
  const suites = new Map<string, Case[]>()
  let written = false
  const add = (suite: string, one: Case): void => { suites.set(suite, [...(suites.get(suite) ?? []), one]) }
  return {
    refuse: (mistakes) => { for (const failure of mistakes) add(OURS, { name: failure.at === undefined ? failure.code : placeText(failure.at), of: OURS, ms: 0, failure }) },
    on: (event) => {
      if (event.type === 'step-settled') add(event.host, caseOf(event))
      if (event.type === 'host-lost') add(event.host, { name: 'reach the host', of: event.host, ms: 0, failure: { code: 'unreachable', message: event.reason } })
      if (event.type === 'run-ended' && event.stopped !== undefined) add(OURS, { name: 'come to the end', of: OURS, ms: 0, failure: { code: 'stopped', message: event.stopped } })
    },
    end: async () => {
      if (written) return
      written = true
      const inside = [...suites].flatMap(([name, cases]) => tag(escape, 'testsuite', { name, ...countsOf(cases), skipped: cases.filter(({ skipped }) => skipped !== undefined).length, timestamp: started, hostname: name }, cases.flatMap((one) => caseLines(one, escape))))
      write(`<?xml version="1.0" encoding="UTF-8"?>\n${tag(escape, 'testsuites', { name: OURS, ...countsOf([...suites.values()].flat()) }, inside).join('\n')}\n`)
    },
  }
}

const caseOf = ({ step, host, play, verdict, ignored, rescued, ms }: Extract<RunEvent, { type: 'step-settled' }>): Case => {
  // a dot would part the name of a class from that of its package
  const one = { name: step, of: `${host}.${play.replaceAll('.', ' ')}`, ms }
  switch (verdict.status) {
    case 'ok': return { ...one, ...(verdict.says === undefined ? {} : { out: verdict.says }) }
    case 'change': return { ...one, out: verdict.changes.map(({ summary }) => summary).join('\n') }
    case 'deferred': return { ...one, skipped: `waits for "${verdict.until}"` }
    case 'skipped': return { ...one, skipped: verdict.because }
    case 'failed': return ignored === true || rescued === true ? { ...one, out: `failed, which the playbook lets pass: ${verdict.error.message}` } : { ...one, failure: verdict.error }
    default: return verdict satisfies never
  }
}

const secondsOf = (cases: readonly Case[]): string => (cases.reduce((sum, { ms }) => sum + ms, 0) / 1000).toFixed(3)
const countsOf = (cases: readonly Case[]): Readonly<Record<string, string | number>> => ({ tests: cases.length, failures: cases.filter(({ failure }) => failure !== undefined).length, errors: 0, time: secondsOf(cases) })

const caseLines = (one: Case, escape: JunitWriting['escape']): readonly string[] => tag(escape, 'testcase', { name: one.name, classname: one.of, time: secondsOf([one]) }, [
  ...(one.skipped === undefined ? [] : tag(escape, 'skipped', { message: one.skipped }, [])),
  ...(one.failure === undefined ? [] : [`<failure${attributes(escape, { message: one.failure.message, type: one.failure.code })}>${escape(clean(failureOf(one.failure)))}</failure>`]),
  ...(one.out === undefined || one.out === '' ? [] : [`<system-out>${escape(clean(one.out))}</system-out>`]),
])

/** What there is to know of a failure beyond its message. */
const failureOf = ({ message, at, output, hint }: Failure): string => [message, ...(at === undefined ? [] : [`at ${placeText(at)}`]), ...(output === undefined ? [] : [printable(output)]), ...(hint === undefined ? [] : [`hint: ${hint}`])].join('\n')

const tag = (escape: JunitWriting['escape'], name: string, values: Readonly<Record<string, string | number>>, inside: readonly string[]): readonly string[] => {
  const start = `<${name}${attributes(escape, values)}`
  return inside.length === 0 ? [`${start}/>`] : [`${start}>`, ...inside, `</${name}>`]
}

const attributes = (escape: JunitWriting['escape'], values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values).map(([name, value]) => ` ${name}="${escape(oneLine(clean(String(value))), '"')}"`).join('')

/** What XML 1.0 has no way to write: halves of letters, and letters that are none; control characters are gone already. */
const clean = (text: string): string => printable(text, Number.POSITIVE_INFINITY).replace(/[\uFFFE\uFFFF]|\p{Cs}/gu, '?')
