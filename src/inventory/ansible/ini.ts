import type { Place, ProvisionError } from '../../core/errors.js'
import { suggestion } from '../../core/suggest.js'
import { sourceOf } from '../../yaml/source.js'
import type { HostsFile } from '../hosts.js'
import { collected, mistake } from '../mistake.js'
import { type Gathering, gather, hostsOf } from './gathering.js'
import { literalOf } from './python-literal.js'
import { withoutComment, wordsOf } from './words.js'

const header = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/
const kinds = ['hosts', 'children', 'vars']

interface Line { readonly text: string; at(offset: number): Place }

/** Reads an INI inventory of Ansible; mistakes are added to the list, line by line. */
export const readIni = (text: string, file: string, mistakes: ProvisionError[], secret = false): HostsFile => {
  const { placeAt } = sourceOf(text, file, secret)
  const gathering = gather(file, mistakes)
  let group = 'ungrouped'
  let kind = 'hosts'
  let offset = 0
  for (const whole of text.split('\n')) {
    const start = offset + (whole.length - whole.trimStart().length)
    const line: Line = { text: whole.trim(), at: (column) => placeAt(start + column) }
    offset += whole.length + 1
    if (line.text === '' || /^[;#]/.test(line.text)) continue
    collected(mistakes, () => {
      const section = header.exec(line.text)
      if (section !== null) {
        const wanted = section[2] ?? 'hosts'
        // what follows a misspelt section is read all the same
        group = section[1] ?? ''
        kind = kinds.includes(wanted) ? wanted : 'hosts'
        if (kind !== wanted) throw mistake('wrong-section', `a section :${wanted} is not known`, { at: line.at(0), hint: suggestion(wanted, kinds, 'sections') })
        // the variables of a group do not make it
        if (kind !== 'vars') gathering.group(group, line.at(1))
      } else if (line.text.startsWith('[') && line.text.endsWith(']')) {
        throw mistake('wrong-section', `${line.text} is not a section`, { at: line.at(0), hint: 'write [group], [group:children] or [group:vars], without blanks' })
      } else if (kind === 'hosts') takeHosts(line, group, gathering)
      else if (kind === 'vars') takeVariable(line, group, gathering)
      else takeChild(line, group, gathering)
      return []
    })
  }
  return gathering.done()
}

const takeHosts = (line: Line, group: string, gathering: Gathering): void => {
  const words = wordsOf(withoutComment(line.text))
  if (words === undefined) throw mistake('wrong-host', 'a quote on this line is not closed', { at: line.at(0), hint: 'close it, or put a backslash before a quote that is meant as one' })
  const [pattern = '', ...assignments] = words
  const { names, port } = hostsOf(pattern, line.at(0))
  for (const name of names) {
    gathering.host(name, group, line.at(0))
    if (port !== undefined) gathering.variable('host', name, 'ansible_port', { value: port, at: line.at(0) })
  }
  let from = pattern.length
  for (const assignment of assignments) {
    const cut = assignment.indexOf('=')
    const variable = assignment.slice(0, cut)
    const found = Math.max(line.text.indexOf(cut < 0 ? assignment : `${variable}=`, from), 0)
    if (cut < 1) throw mistake('wrong-host', `${assignment} is not a variable of a host`, { at: line.at(found), hint: 'write name=value, with quotes around a value that holds blanks, or put a # before a comment' })
    from = found + cut
    const value = { value: valueOf(assignment.slice(cut + 1), line.at(from + 1)), at: line.at(from + 1) }
    for (const name of names) gathering.variable('host', name, variable, value, line.at(found))
  }
}

const takeVariable = (line: Line, group: string, gathering: Gathering): void => {
  const cut = line.text.indexOf('=')
  if (cut < 1) throw mistake('wrong-variable', 'this is not a variable of a group', { at: line.at(0), hint: 'write name=value' })
  const written = line.text.slice(cut + 1)
  const at = line.at(cut + 1 + written.length - written.trimStart().length)
  gathering.variable('group', group, line.text.slice(0, cut).trim(), { value: valueOf(written.trim(), at), at }, line.at(0))
}

const takeChild = (line: Line, group: string, gathering: Gathering): void => {
  const [, child] = /^([^:\]\s]+)\s*(?:#.*)?$/.exec(line.text) ?? []
  if (child === undefined) throw mistake('wrong-child', `${line.text} is not the name of a group`, { at: line.at(0), hint: 'write one group a line; hosts stand in a section without :children' })
  gathering.child(group, child, line.at(0))
}

/** A literal of Python, as Ansible takes it, or the text as it stands. */
const valueOf = (text: string, at: Place): unknown => {
  const literal = literalOf(text)
  if (literal === undefined) return text
  if (literal.pointless !== undefined) throw mistake('ini-number', `${literal.pointless} is read as the number ${String(Number(literal.pointless.replaceAll('_', '')))}`, { at, hint: `write "'${literal.pointless}'", and Ansible takes it for the text that it is too` })
  return literal.value
}
