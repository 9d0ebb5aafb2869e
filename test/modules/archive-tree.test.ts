import { expect, it } from 'vitest'
import type { ArchiveEntry } from '../../src/core/fact.js'
import { archive } from '../../src/modules/archive.js'

const file = (path: string, content: string): ArchiveEntry => ({ path, type: 'file', mode: '0644', size: content.length, content: Buffer.from(content) })
const root = { type: 'directory', mode: '0755', owner: 'root', group: 'root' } as const

/** What the change of one step foretells about the tree. */
const foretold = (listing: readonly ArchiveEntry[], strip?: number): unknown => {
  const [change] = archive.check(archive.args.parse({ src: 'a.zip', path: '/opt/a', owner: 'app', ...(strip === undefined ? {} : { strip }) }), {
    now: { type: 'absent' }, stamp: { type: 'absent' }, parent: root, who: { user: 'root', group: 'root', uid: 0 },
    file: { local: '/a.zip', sha256: 'ab'.repeat(32), size: 10 }, listing, unpacker: '/usr/bin/unzip',
  })
  return change?.predicts.find((prediction) => 'below' in prediction)
}

it('foretells every file below the directory', () => {
  expect(foretold([
    { path: 'top', type: 'directory', mode: '0755', size: 0 }, file('top/text', 'a\r\n'), { path: 'top/large', type: 'file', mode: '0755', size: 70_000 },
    { path: 'top/link', type: 'link', mode: '0777', target: 'text', size: 0 }, { path: 'top/bare', type: 'link', mode: '0777', size: 0 },
  ])).toEqual({
    below: '/opt/a',
    tree: {
      root: '/opt/a',
      entries: {
        text: { type: 'file', mode: '0644', owner: 'app', group: 'app', sha256: '8e4621379786ef42a4fec155cd525c291dd7db3c1fde3478522f4f61c03fd1bd', content: 'a\r\n' },
        large: null,
        link: { type: 'link', target: 'text', owner: 'app', group: 'app' },
        bare: { type: 'link', target: '', owner: 'app', group: 'app' },
        '.provision-archive': { type: 'file', mode: '0644', owner: 'root', group: 'root', sha256: expect.any(String), content: `${'ab'.repeat(32)}\n` },
      },
    },
  })
})

it('keeps the top folder when nothing is stripped', () => {
  expect(foretold([{ path: 'top', type: 'directory', mode: '0700', size: 0 }], 0)).toMatchObject({ tree: { entries: { top: { type: 'directory', mode: '0700', owner: 'app', group: 'app' } } } })
})
