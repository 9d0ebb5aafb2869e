import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { libraryOf, shownFrom } from '../../src/cli/library.js'
import { packageRoot } from '../../src/cli/package.js'
import { folderWith } from '../inventory/files.js'
import { mistakesOf } from '../yaml/mistakes.js'

describe('the library', () => {
  it('has the first candidate that is a file, of the reader before what is shipped', async () => {
    const cwd = await folderWith({ 'site.yaml': '[]', 'playbooks/mi-cluster.yaml': '[]' })
    await mkdir(join(cwd, 'folder.yaml'))
    const library = libraryOf(cwd)
    expect(library.find(['none.yaml', 'folder.yaml', 'site.yaml'])).toBe('site.yaml')
    expect(library.find([join(cwd, 'site.yaml')])).toBe('site.yaml')
    expect(library.find(['playbooks/mi-cluster.yaml'])).toBe('playbooks/mi-cluster.yaml')
    expect(library.find(['playbooks/cluster.yaml'])).toBe(join(packageRoot, 'playbooks/cluster.yaml'))
    expect(library.find(['none.yaml'])).toBeUndefined()
    expect(library.find([])).toBeUndefined()
  })

  it('reads files under the names that the reader knows them by', async () => {
    const cwd = await folderWith({ 'a/site.yaml': '- b\n' })
    expect(libraryOf(cwd).read('a/site.yaml')).toMatchObject({ file: 'a/site.yaml', value: ['b'] })
    expect(libraryOf(cwd).read(join(packageRoot, 'playbooks/cluster.yaml')).file).toBe(join(packageRoot, 'playbooks/cluster.yaml'))
  })

  it('tells what cannot be read, and passes mistakes in the file on', async () => {
    const cwd = await folderWith({ 'bad.yaml': 'a: [', 'folder/x': '' })
    expect(mistakesOf(() => libraryOf(cwd).read('none.yaml'))).toEqual(['unreadable-file: none.yaml cannot be read: ENOENT'])
    expect(mistakesOf(() => libraryOf(cwd).read('folder'))).toEqual(['unreadable-file: folder cannot be read: EISDIR'])
    expect(mistakesOf(() => libraryOf(cwd).read('bad.yaml'))).toHaveLength(1)
  })

  it('lists YAML files of a folder, its own and shipped ones, each once', async () => {
    const cwd = await folderWith({ 'playbooks/mine.yml': '', 'playbooks/cluster.yaml': '', 'playbooks/readme.md': '' })
    expect(libraryOf(cwd).list('playbooks')).toEqual(['cluster.yaml', 'mine.yml', 'carbon-cluster.yaml', 'ei-bps-cluster.yaml', 'ei-cluster.yaml', 'ei-toml-cluster.yaml', 'esb-cluster.yaml', 'mi-cluster.yaml'])
    expect(libraryOf(cwd).list('nowhere')).toEqual([])
  })

  it('shows paths as the reader would write them', () => {
    expect(['/work/site.yaml', '/work', '/worker/site.yaml'].map(shownFrom('/work'))).toEqual(['site.yaml', '/work', '/worker/site.yaml'])
  })
})
