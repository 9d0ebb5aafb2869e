import { expect, it } from 'vitest'
import type { Controller } from '../../src/core/fact.js'
import { localContent } from '../../src/facts/local-content.js'
import { rendered } from '../../src/facts/rendered.js'

const refuse = (): never => { throw new Error('not asked') }
const controllerWith = (bytes: Uint8Array, size = bytes.length): Controller => ({
  file: (path) => Promise.resolve({ local: `/files/${path}`, sha256: 'digest', size }),
  bytes: () => (size === bytes.length ? Promise.resolve(bytes) : refuse()),
  render: (source, { host }) => Promise.resolve(`${source} for ${host}`),
  text: refuse, archive: refuse, archiveText: refuse, digest: refuse, save: refuse, elsewhere: refuse,
})

it('holds the text of a small file', async () => {
  expect(await localContent('motd').read(controllerWith(Buffer.from('héllo\n')))).toEqual({ file: { local: '/files/motd', sha256: 'digest', size: 7 }, text: 'héllo\n' })
})

it('does not read a large file, and holds no text of bytes', async () => {
  expect(await localContent('app.jar').read(controllerWith(Buffer.from('x'), 65_537))).toEqual({ file: { local: '/files/app.jar', sha256: 'digest', size: 65_537 } })
  expect(await localContent('app.jar').read(controllerWith(Buffer.from([1, 0, 2])))).toEqual({ file: { local: '/files/app.jar', sha256: 'digest', size: 3 } })
})

it('renders a template with the variables of a host', async () => {
  const fact = rendered('motd.njk', { host: 'lb1', lookup: () => undefined })
  expect(fact.key).toBe('rendered:motd.njk')
  expect(await fact.read(controllerWith(Buffer.from('')))).toBe('motd.njk for lb1')
})
