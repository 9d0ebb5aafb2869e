import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { templatesIn } from '../../src/cli/templates.js'
import { renderTemplate } from '../../src/playbook/template/render.js'
import { folderWith } from '../inventory/files.js'
import { inShort, mistake } from '../playbook/template/given.js'

const scope = { host: 'h1', lookup: () => undefined }
const shown = (path: string): string => path.split('/').slice(-2).join('/')

const project = async (): Promise<{ readonly folder: string; readonly render: (name: string) => unknown }> => {
  const folder = await folderWith({
    'templates/a.njk': 'a', 'templates/deep/b.njk': "{% include 'a.njk' %}b", 'shared/templates/c.njk': 'c', 'secret.txt': 'hunter2', 'templates-of-others/d.njk': 'hunter2',
    'templates/up.njk': "{% include '../secret.txt' %}", 'templates/absolute.njk': "{% include '/etc/passwd' %}", 'templates/beside.njk': "{% include '../templates-of-others/d.njk' %}",
    'templates/broken.njk': 'first\n  {{ 1 + nothing_like_it }}\n',
  })
  const folders = [join(folder, 'templates'), join(folder, 'nowhere'), join(folder, 'shared/templates')]
  return { folder, render: (name) => renderTemplate(name, scope, templatesIn(folders, shown)) }
}

describe('templates', () => {
  it('are found in their folders, in order, and under them', async () => {
    const { render } = await project()
    expect(['a.njk', 'deep/b.njk', 'c.njk', './deep/../a.njk'].map(render)).toEqual(['a', 'ab', 'c', 'a'])
  })

  it.each([
    '../secret.txt', '/etc/passwd', 'deep/../../secret.txt', '../templates-of-others/d.njk', '/proc/self/environ', 'deep', '.', '', 'up.njk', 'absolute.njk', 'beside.njk',
  ])('give nothing for %s', async (name) => {
    const { render } = await project()
    expect(mistake(() => render(name)).code).toBe('missing-template')
  })

  it('give nothing that a link leads to outside of their folders', async () => {
    const { folder, render } = await project()
    await symlink(join(folder, 'secret.txt'), join(folder, 'templates/file.njk'))
    await symlink('/etc', join(folder, 'templates/etc'))
    await symlink(join(folder, 'templates/file.njk'), join(folder, 'templates/twice.njk'))
    await symlink('/nowhere', join(folder, 'templates/dangling.njk'))
    for (const name of ['file.njk', 'etc/passwd', 'twice.njk']) {
      const error = mistake(() => render(name))
      expect([error.code, error.exit]).toEqual(['template-outside', 2])
      expect(error.message).not.toContain('hunter2')
    }
    expect(mistake(() => render('dangling.njk')).code).toBe('missing-template')
  })

  it('follow links among their folders, and folders that are links themselves', async () => {
    const { folder, render } = await project()
    await symlink(join(folder, 'shared/templates/c.njk'), join(folder, 'templates/linked.njk'))
    expect(render('linked.njk')).toBe('c')
    await mkdir(join(folder, 'other'))
    await symlink(join(folder, 'templates'), join(folder, 'other/templates'))
    expect(renderTemplate('a.njk', scope, templatesIn([join(folder, 'other/templates')], shown))).toBe('a')
  })

  it('stay as they were first wanted, though their file is saved meanwhile', async () => {
    const { folder } = await project()
    const load = templatesIn([join(folder, 'templates')], shown)
    expect(load('later.njk')).toBeUndefined()
    expect(load('a.njk')?.text).toBe('a')
    await writeFile(join(folder, 'templates/a.njk'), 'another')
    await writeFile(join(folder, 'templates/later.njk'), 'there now')
    expect([load('a.njk')?.text, load('later.njk')?.text]).toEqual(['a', 'there now'])
  })

  it('tell file, line, column and the text of a mistake', async () => {
    const { render } = await project()
    const error = mistake(() => render('broken.njk'))
    expect(inShort(error)).toBe('undefined-variable 2:10')
    expect(error.at).toMatchObject({ file: 'templates/broken.njk', text: '  {{ 1 + nothing_like_it }}' })
    expect(error.message).toContain('nothing_like_it')
  })
})
