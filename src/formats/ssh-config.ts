import SSHConfig, { type Directive, type Line } from 'ssh-config'
import { exitCode, ProvisionError } from '../core/errors.js'

/** When a part of an ssh_config holds. */
export type SshCondition =
  | { readonly keyword: 'host' | 'originalhost' | 'user' | 'localuser'; readonly patterns: readonly string[] }
  /** A criterion that cannot be told from the configuration alone (`exec`, `canonical`, …). */
  | { readonly keyword: 'other'; readonly text: string }

/** One setting of an ssh_config; the first one that holds counts. */
export interface SshOption {
  /** Lower case, as keywords are compared. */
  readonly name: string
  readonly values: readonly string[]
  /** All must hold; the patterns of a `Host` line are about the name given by the user. */
  readonly conditions: readonly SshCondition[]
}

const wordsOf = ({ value }: Directive): readonly string[] => (typeof value === 'string' ? [value] : value.map(({ val }) => val))

const keywords = ['host', 'originalhost', 'user', 'localuser'] as const

const criteriaOf = (words: readonly string[]): readonly SshCondition[] => {
  const [word, ...rest] = words
  if (word === undefined) return []
  const keyword = keywords.find((one) => one === word.toLowerCase())
  if (word.toLowerCase() === 'all') return criteriaOf(rest)
  if (keyword === undefined) return [{ keyword: 'other', text: words.join(' ') }]
  return [{ keyword, patterns: (rest[0] ?? '').split(',') }, ...criteriaOf(rest.slice(1))]
}

const conditionsOf = (section: Directive): readonly SshCondition[] => (section.param.toLowerCase() === 'host'
  ? [{ keyword: 'originalhost', patterns: wordsOf(section) }]
  : criteriaOf(wordsOf(section)))

const optionsOf = (lines: readonly Line[], conditions: readonly SshCondition[]): readonly SshOption[] => lines.flatMap((line): readonly SshOption[] => {
  if (!('param' in line) || line.param === '') return []
  if ('config' in line) return optionsOf(line.config, [...conditions, ...conditionsOf(line)])
  return [{ name: line.param.toLowerCase(), values: wordsOf(line), conditions }]
})

/** The settings of an ssh_config in their order; `Include` is one of them. */
export const parseSshConfig = (text: string, file: string): readonly SshOption[] => {
  try {
    return optionsOf(SSHConfig.parse(text), [])
  } catch (cause) {
    throw new ProvisionError('unreadable-ssh-config', `${file} is not an ssh_config that can be read`,
      { exit: exitCode.input, hint: `check it with \`ssh -G -F ${file} HOST\``, cause })
  }
}
