import { availabilityOf, unforeseen } from '../approval/availability.js'
import type { Moved } from '../approval/compare.js'
import type { FiledStep, PlanFile } from '../approval/plan-file.js'
import { stagesOf } from '../approval/stages.js'
import { counted } from '../core/counted.js'
import { oneLine } from '../core/printable.js'
import { aboutRisk, risks, type Risk } from '../core/risk.js'
import { assumedText, availabilityText, titleAt } from './forecast-text.js'
import { styleOf, type Style } from './style.js'
import { diffText, statusWord } from './words.js'

const MOVED = { files: 'The files are not those that the plan was made of:', hosts: 'The hosts are not as they were when the plan was made:', plans: 'The later plan does otherwise:' } as const

/** What is not as it was when a plan was made, as a table. */
export const movedText = (moved: readonly Moved[], what: keyof typeof MOVED, style: Style): string => {
  const width = Math.max(...moved.map(({ host }) => host.length))
  return [
    style.red(MOVED[what]),
    ...moved.map(({ host, what: thing, how }) => `  ${host === '' ? '' : `${host.padEnd(width)}  `}${oneLine(thing)}  ${style.dim(how)}`),
  ].join('\n')
}

/** Steps whose outcome the plan does not know: those that wait, and commands. */
export const openSteps = ({ plan }: PlanFile): readonly FiledStep[] => plan.steps.filter(({ verdict, risks: found }) => verdict === 'deferred' || (verdict === 'change' && found.includes('opaque')))

/** The first line of every form: how much of the plan is decided. */
export const classText = (file: PlanFile): string => {
  const { plan } = file
  const open = openSteps(file).length
  return plan.class === 'exact' ? `exact: each of ${counted(plan.steps.length, 'step')} is decided` : `bounded: ${open} of ${counted(plan.steps.length, 'step')} ${open === 1 ? 'is' : 'are'} not known before ${open === 1 ? 'it is' : 'they are'} done`
}

/** Which risks the plan has, in the order in which people look for them, and how many steps have each. */
export const toldRisks = ({ plan }: PlanFile): readonly (readonly [Risk, number])[] =>
  risks.map((risk) => [risk, plan.steps.filter(({ risks: found }) => found.includes(risk)).length] as const).filter(([, count]) => count > 0)

/** Why a step cannot be taken back by the program, or not for sure; nothing where it can. */
export const irrevocable = ({ verdict, risks: found }: FiledStep): string | undefined => {
  if (verdict === 'ok' || verdict === 'skipped') return undefined
  if (found.includes('irreversible')) return 'it cannot be taken back by the program'
  if (found.includes('data')) return 'what is altered in a database is kept by a copy of it alone'
  if (found.includes('destructive')) return 'what is removed is kept by a copy of it alone'
  return found.includes('opaque') ? 'how it is taken back is known by whoever knows its command' : undefined
}

/** How many steps of a host come to which verdict. */
export const hostCounts = ({ plan }: PlanFile): readonly { readonly host: string; readonly counts: Readonly<Record<FiledStep['verdict'], number>> }[] =>
  Object.keys(plan.hosts).map((host) => {
    const own = plan.steps.filter((step) => step.host === host)
    const count = (verdict: FiledStep['verdict']): number => own.filter((step) => step.verdict === verdict).length
    return { host, counts: { change: count('change'), deferred: count('deferred'), ok: count('ok'), skipped: count('skipped') } }
  })

/** A plan's file for people at a terminal: what it is, what is open, what may come of it, and each change. */
export const planFileAsText = (file: PlanFile, { style = styleOf(false), diff = false }: { readonly style?: Style; readonly diff?: boolean } = {}): string => {
  const { plan, digest } = file
  const changes = plan.steps.filter(({ verdict }) => verdict === 'change')
  const width = Math.max(4, ...plan.steps.map(({ host }) => host.length))
  const open = openSteps(file)
  const indent = ' '.repeat(width + 14)
  const told = toldRisks(file)
  const [units, stages] = [availabilityOf(plan), stagesOf(plan)]
  return [
    style.bold(classText(file)),
    ...facts(file).map(([name, value]) => `${style.dim(name.padEnd(10))} ${value}`),
    ...(open.length === 0 ? [] : ['', style.bold('Not known before it is done'), ...open.flatMap((step) => [
      `  ${step.host.padEnd(width)}  ${statusWord(step.verdict, 'plan', style)}  ${oneLine(step.step)} ${style.dim(`— ${oneLine(step['known-after'] === undefined ? step.changes.map(({ summary }) => summary).join(', ') : `waits for "${step['known-after']}"`)}`)}`,
      ...commandOf(step).map((line) => style.dim(`${indent}${line}`)),
    ])]),
    ...(told.length === 0 ? [] : ['', style.bold('Risks'), ...told.map(([risk, count]) => `  ${risk.padEnd(12)} ${counted(count, 'step')}: ${aboutRisk[risk]}`)]),
    ...(units.length === 0 ? [] : ['', style.bold('Availability'), ...units.map((unit) => `  ${oneLine(unit.unit).padEnd(12)} ${availabilityText(unit)} ${style.dim(oneLine(`on ${unit.hosts.join(', ')}; fewest in "${titleAt(stages, unit.worst.stage)}": without ${unit.worst.down.join(', ')}`))}`), style.dim(`  ${assumedText(unforeseen(plan))}`)]),
    ...(changes.length === 0 ? [] : ['', style.bold('Changes'), ...changes.flatMap((step) => [
      `  ${step.host.padEnd(width)}  ${statusWord(step.verdict, 'plan', style)}  ${oneLine(step.step)} ${style.dim(`— ${step.changes.map(({ summary }) => oneLine(summary)).join(', ')}`)}${step.risks.length === 0 ? '' : style.yellow(` [${step.risks.join(', ')}]`)}`,
      ...step.changes.flatMap((change) => diffText(change.diff, style, indent, diff ? undefined : 6)),
      ...step.changes.map((change) => style.dim(`${indent}back: ${oneLine(change['back-out'])}`)),
    ])]),
    '',
    `${style.dim('digest')}     ${digest}`,
  ].join('\n')
}

/** What the header says, as names and values. */
export const facts = ({ header, plan }: PlanFile): readonly (readonly [string, string])[] => [
  ['playbook', header.playbook], ['inventory', header.inventory.join(', ')],
  ...(header.limit === undefined ? [] : [['limit', header.limit] as const]), ...(header.tags === undefined ? [] : [['tags', header.tags] as const]),
  ['made', `${header.created} by ${header.author} with provision ${header.tool.version}`],
  ...(header.expires === undefined ? [] : [['expires', header.expires] as const]),
  ...(header.window === undefined ? [] : [['window', `${header.window.from} to ${header.window.to}`] as const]),
  ...(header.ticket === undefined ? [] : [['ticket', header.ticket] as const]),
  ...(header.git === undefined ? [] : [['commit', `${header.git.commit}${header.git.dirty ? ', with changes that are not committed' : ''}`] as const]),
  ...(header.parent === undefined ? [] : [['rest of', header.parent] as const]),
  ['hosts', Object.keys(plan.hosts).join(', ')],
  ['steps', (['change', 'deferred', 'ok', 'skipped'] as const).map((status) => `${plan.steps.filter(({ verdict }) => verdict === status).length} ${status}`).join(', ')],
]

/** The command of a step whose doing is known by it alone, or its arguments. */
export const commandOf = ({ arguments: args }: FiledStep): readonly string[] => {
  if (typeof args !== 'object' || args === null) return []
  if ('run' in args && typeof args.run === 'string') return args.run.trimEnd().split('\n')
  return Object.entries(args).filter(([, value]) => value !== undefined && value !== null).map(([name, value]) => `${name}: ${typeof value === 'string' ? oneLine(value) : JSON.stringify(value)}`)
}
