import type { ProvisionError } from '../../core/errors.js'
import { checkYaml } from '../../yaml/zod-errors.js'
import type { YamlPath } from '../../yaml/document.js'
import type { HostsFile } from '../hosts.js'
import { collected } from '../mistake.js'
import type { OpenDocument } from '../read.js'
import { type Gathering, gather, hostsOf } from './gathering.js'
import { type AnsibleGroup, ansibleGroupSchema, ansibleInventorySchema } from './schema.js'

/** Reads a YAML inventory of Ansible; mistakes are added to the list. */
export const readAnsibleYaml = ({ document, value }: OpenDocument, mistakes: ProvisionError[]): HostsFile => {
  const gathering = gather(document.file, mistakes)
  const source = checkYaml(document, ansibleInventorySchema, { value })
  for (const [name, group] of Object.entries(source)) collected(mistakes, () => (takeGroup(name, group, [name], { document, value }, gathering, mistakes), []))
  return gathering.done()
}

type Opened = Pick<OpenDocument, 'document' | 'value'>

const takeGroup = (name: string, group: AnsibleGroup, path: YamlPath, opened: Opened, gathering: Gathering, mistakes: ProvisionError[]): void => {
  const { document } = opened
  gathering.group(name, document.placeOf(path, 'key'))
  for (const [variable, value] of Object.entries(group?.vars ?? {})) {
    const at = [...path, 'vars', variable]
    gathering.variable('group', name, variable, { value, at: document.placeOf(at), within: (inner) => document.placeOf([...at, ...inner]) }, document.placeOf(at, 'key'))
  }
  for (const [pattern, variables] of entriesOf(group?.hosts)) {
    const at = [...path, 'hosts', pattern]
    collected(mistakes, () => {
      const { names, port } = hostsOf(pattern, document.placeOf(at, 'key'))
      for (const host of names) {
        gathering.host(host, name, document.placeOf(at, 'key'))
        if (port !== undefined) gathering.variable('host', host, 'ansible_port', { value: port, at: document.placeOf(at, 'key') })
        for (const [variable, value] of Object.entries(variables ?? {})) {
          const here = [...at, variable]
          gathering.variable('host', host, variable, { value, at: document.placeOf(here), within: (inner) => document.placeOf([...here, ...inner]) }, document.placeOf(here, 'key'))
        }
      }
      return []
    })
  }
  for (const [child, inner] of entriesOf(group?.children)) {
    const at = [...path, 'children', child]
    collected(mistakes, () => {
      takeGroup(child, checkYaml(document, ansibleGroupSchema, { value: inner, base: at }), at, opened, gathering, mistakes)
      gathering.child(name, child, document.placeOf(at, 'key'))
      return []
    })
  }
}

/** One name may stand as text instead of a map. */
const entriesOf = <T>(named: Readonly<Record<string, T>> | string | null | undefined): readonly (readonly [string, T | null])[] =>
  (typeof named === 'string' ? [[named, null]] : Object.entries(named ?? {}))
