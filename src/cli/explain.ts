import { counted } from '../core/counted.js'
import { exitCode, ProvisionError, type Failure, type Place } from '../core/errors.js'
import type { Explanation, Giver } from '../core/explanation.js'
import { maskedValue } from '../core/mask.js'
import { suggestion } from '../core/suggest.js'
import { hostVariables, type Host } from '../inventory/inventory.js'
import { selectHosts } from '../inventory/patterns.js'
import { modules } from '../modules/index.js'
import { explain, nearer, unknownVariable, variableNames, type HostLayer, type Sight } from '../playbook/explain.js'
import { loadPlaybook } from '../playbook/load.js'
import type { PlayNode } from '../playbook/nodes.js'
import { placedMap } from '../playbook/resolve.js'
import { HostScope } from '../playbook/scope.js'
import { explanationText, hostsText, nearerText, variablesText } from '../report/explanation-text.js'
import { libraryOf } from './library.js'
import type { WalkFlags } from './options.js'
import { openKnown, type Known } from './project.js'
import { terminalOf } from './terminal.js'

export interface ExplainFlags extends WalkFlags { readonly host?: string; readonly play?: string }

/** A variable's name is never that of a file: those end in `.yaml`, or hold a dash or a slash. */
const isVariable = (word: string): boolean => /^[a-z_][a-z0-9_]*$/.test(word)

/** `provision explain`: where a variable comes from, all variables of a host, or one variable of all hosts. */
export const explainCommand = async (words: readonly string[], flags: ExplainFlags): Promise<number> => {
  const [first] = words
  const variable = first !== undefined && isVariable(first) ? first : undefined
  const [playbook, surplus] = variable === undefined ? words : words.slice(1)
  if (surplus !== undefined) throw new ProvisionError('too-many-words', `explain takes a variable and a playbook; "${surplus}" is neither`, { exit: exitCode.input, hint: 'see provision explain --help' })
  const known = await openKnown(flags)
  const host = flags.host === undefined ? undefined : hostNamed(flags.host, known)
  const plays = playbook === undefined ? undefined : loadPlaybook(playbook, libraryOf(process.cwd()), modules).plays.filter(({ source }) => flags.play === undefined || source.name === flags.play)
  if (plays?.length === 0) throw new ProvisionError('unknown-play', `${playbook ?? ''} has no play "${flags.play ?? ''}"`, { exit: exitCode.input, hint: 'give the name of a play as it is written' })
  if (flags.play !== undefined && plays === undefined) throw new ProvisionError('no-playbook', '--play names a play of a playbook, and none is given', { exit: exitCode.input, hint: 'name the playbook after the variable' })
  const { out, outStyle: style } = terminalOf(flags)
  const say = (document: unknown, text: () => string): void => {
    out.write(`${flags.json === true ? JSON.stringify(maskedValue(document, known.mask), undefined, 2) : known.mask(text())}\n`)
  }
  const more = playbook === undefined ? 'name the playbook too, if it is a parameter or a variable of a play' : 'see all with `provision explain`, without a name'
  if (variable === undefined) {
    if (host === undefined) throw new ProvisionError('no-host', 'whose variables?', { exit: exitCode.input, hint: 'name a host: --host mi1; or a variable, to see it on every host' })
    const views = viewsOf(host, plays, known).map(({ sight, titles }) => ({ titles, all: variableNames(sight).flatMap((name) => explain(name, sight) ?? []) }))
    say({ host: host.name, views: merged(views).map(({ titles, all }) => ({ ...inPlays(titles), variables: Object.fromEntries(all.map((one) => [one.name, documentOf(one)])) })) },
      () => merged(views).map(({ titles, all }) => [headingOf(titles, plays), style.dim(`${host.name}, ${['all', ...host.groups].join(', ')}: ${counted(all.length, 'variable')}`), variablesText(all, style)].filter((line) => line !== '').join('\n')).join('\n\n'))
    return exitCode.done
  }
  if (host === undefined) {
    const all = known.hosts.flatMap((one) => merged(viewsOf(one, plays, known).map(({ sight, titles }) => ({ titles, all: [one.name, explain(variable, sight)] as const }))).map(({ all: row }) => row))
    if (all.every(([, explanation]) => explanation === undefined)) throw unknownVariable(variable, 'any host', namesOf(known.hosts, plays, known), more)
    say({ variable, hosts: Object.fromEntries(all.map(([name, explanation]) => [name, explanation === undefined ? null : documentOf(explanation)])) }, () => hostsText(all, style))
    return exitCode.done
  }
  const views = merged(viewsOf(host, plays, known).map(({ sight, titles, play }) => ({ titles, all: { explanation: explain(variable, sight), steps: play === undefined ? [] : nearer(variable, play) } })))
  if (views.every(({ all }) => all.explanation === undefined && all.steps.length === 0)) throw unknownVariable(variable, host.name, namesOf([host], plays, known), more)
  say({ host: host.name, variable, views: views.map(({ titles, all }) => ({ ...inPlays(titles), ...(all.explanation === undefined ? {} : documentOf(all.explanation)), in_steps: all.steps.map(giverDocument) })) },
    () => views.map(({ titles, all }) => [
      headingOf(views.length > 1 ? titles : [], plays),
      all.explanation === undefined ? `${variable} ${style.dim('is not known outside of the steps below')}` : explanationText(all.explanation, host.name, style),
      nearerText(all.steps, style),
    ].filter((text) => text !== '').join('\n')).join('\n\n'))
  return views.some(({ all }) => all.explanation !== undefined && 'failure' in all.explanation.outcome) ? exitCode.input : exitCode.done
}

const hostNamed = (name: string, { inventory }: Known): Host => {
  const host = inventory.hosts.find((one) => one.name === name)
  if (host !== undefined) return host
  throw new ProvisionError('unknown-host', `no host of ${inventory.file} is "${name}"`, { exit: exitCode.input, hint: suggestion(name, inventory.hosts.map((one) => one.name), 'known here') })
}

/** What a host sees: one view a play that is about it, or one without plays. */
interface View { readonly titles: readonly string[]; readonly sight: Sight; readonly play?: PlayNode }

const viewsOf = (host: Host, plays: readonly PlayNode[] | undefined, known: Known): readonly View[] => {
  const layersOf = (name: string): readonly HostLayer[] => {
    const found = known.inventory.hosts.find((one) => one.name === name)
    return found === undefined ? [] : hostVariables(found).map((layer) => ({ level: layer.level, name: layer.name, values: placedMap(layer.values, (path) => layer.placeOf(path)) })).reverse()
  }
  const { world, variables } = known.scopeOf(host.name)
  const about = (plays ?? []).filter(({ source, placeOf }) => selectHosts(known.inventory, source.hosts, placeOf(['hosts'])).includes(host))
  if (about.length === 0) return [{ titles: [], sight: { scope: known.scopeOf(host.name), layersOf } }]
  return about.map((play) => ({
    titles: [play.source.name], play,
    sight: { layersOf, play: play.source.name, scope: new HostScope(world, variables, { play: placedMap(play.source.vars ?? {}, (path) => play.placeOf(['vars', ...path])), frame: play.frame }) },
  }))
}

/** Plays in which everything is the same are told together. */
const merged = <T>(views: readonly { readonly titles: readonly string[]; readonly all: T }[]): readonly { readonly titles: readonly string[]; readonly all: T }[] => {
  const groups = new Map<string, { titles: readonly string[]; readonly all: T }>()
  for (const { titles, all } of views) {
    const same = groups.get(JSON.stringify(all))
    groups.set(JSON.stringify(all), { titles: [...same?.titles ?? [], ...titles], all: same?.all ?? all })
  }
  return [...groups.values()]
}

const headingOf = (titles: readonly string[], plays: readonly PlayNode[] | undefined): string => {
  if (titles.length === 0 || plays === undefined) return ''
  return titles.length === 1 ? `In the play "${titles[0] ?? ''}":` : `In the plays ${titles.map((title) => `"${title}"`).join(', ')}:`
}
const inPlays = (titles: readonly string[]): object => (titles.length === 0 ? {} : { plays: titles })

const namesOf = (hosts: readonly Host[], plays: readonly PlayNode[] | undefined, known: Known): readonly string[] =>
  [...new Set(hosts.flatMap((host) => viewsOf(host, plays, known)).flatMap(({ sight }) => variableNames(sight)))]

const placeDocument = ({ file, line, column }: Place): object => ({ file, line, column })
const giverDocument = ({ origin, of, written, place }: Giver): object =>
  ({ origin, ...(of === undefined ? {} : { of }), written, ...(place === undefined ? {} : placeDocument(place)) })
const failureDocument = ({ at, ...failure }: Failure): object => ({ ...failure, ...(at === undefined ? {} : { at: placeDocument(at) }) })

const documentOf = ({ outcome, givers, madeOf }: Explanation): Readonly<Record<string, unknown>> => ({
  ...('known' in outcome ? { value: outcome.known } : 'unknown' in outcome ? { known_after: outcome.unknown } : { error: failureDocument(outcome.failure) }),
  won: givers[0] === undefined ? null : giverDocument(givers[0]),
  given_by: givers.map(giverDocument),
  made_of: Object.fromEntries(madeOf.map((part) => [part.name, documentOf(part)])),
})
