import { posix } from 'node:path'
import type { Filter } from '../filter.js'
import { isList, wrongType } from '../values.js'
import { plainText } from './texts.js'

/** Filters on paths of hosts as texts; none asks any machine what lies there. */
export const pathFilters: readonly Filter[] = [
  {
    name: 'basename', summary: 'The last part of a path.', example: { expression: "'/opt/dist/app.zip' | basename", gives: 'app.zip' },
    parameters: [], secrets: 'hidden', apply: (input) => plainText(input).replace(/\/+$/, '').split('/').at(-1) ?? '',
  },
  {
    name: 'dirname', summary: 'A path without its last part.', example: { expression: "'/opt/dist/app.zip' | dirname", gives: '/opt/dist' },
    parameters: [], secrets: 'hidden',
    apply: (input) => {
      const text = plainText(input)
      return text.replace(/\/*[^/]*\/*$/, '') || (text.startsWith('/') ? '/' : '')
    },
  },
  {
    name: 'splitext', summary: 'A path without its last ending, and that ending, as a list of two.',
    example: { expression: "'/opt/app.tar.gz' | splitext", gives: ['/opt/app.tar', '.gz'] },
    parameters: [], secrets: 'hidden',
    apply: (input) => {
      const text = plainText(input)
      const ending = posix.extname(text)
      return [text.slice(0, text.length - ending.length), ending]
    },
  },
  {
    name: 'path_join', summary: 'The parts of a path as one; a part that starts with / begins anew.',
    example: { expression: "['/opt', 'app', 'conf'] | path_join", gives: '/opt/app/conf' },
    parameters: [], secrets: 'hidden',
    apply: (input) => {
      if (!isList(input)) throw wrongType('path_join wants a list', 'put the parts between [ and ]')
      return input.map(plainText).reduce((path, part) => (part.startsWith('/') || path === '' ? part : `${path.replace(/\/*$/, '/')}${part}`), '')
    },
  },
  {
    name: 'relpath', summary: 'A path as it is reached from a folder; both are whole paths.',
    example: { expression: "'/opt/app/conf' | relpath('/opt/data')", gives: '../app/conf' },
    parameters: ['start'], secrets: 'hidden',
    apply: (input, given) => {
      const [path, start] = [plainText(input), given.text('start')]
      // Others would be relative to wherever this program was started.
      if (!path.startsWith('/') || !start.startsWith('/')) throw wrongType('relpath wants two paths that start with /', "for example | relpath('/opt')")
      return posix.relative(start, path) || '.'
    },
  },
]
