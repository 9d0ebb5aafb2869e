import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { exitCode, ProvisionError } from '../core/errors.js'
import type { Noted } from '../inventory/read.js'
import type { Loader, TemplateSource } from '../playbook/template/context.js'

const isWithin = (path: string, folder: string): boolean => path.startsWith(folder.endsWith('/') ? folder : `${folder}/`)

const find = (name: string, folders: readonly string[], shown: (path: string) => string, noted?: Noted): TemplateSource | undefined => {
  for (const folder of folders) {
    const path = resolve(folder, name)
    if (!isWithin(path, folder) || !existsSync(path) || !statSync(path).isFile()) continue
    const file = realpathSync(path)
    if (!folders.some((root) => existsSync(root) && isWithin(file, realpathSync(root)))) {
      throw new ProvisionError('template-outside', `${shown(path)} is a link to a file outside of the folders of templates`, {
        exit: exitCode.input, hint: 'put the file itself there',
      })
    }
    const text = readFileSync(file, 'utf8')
    noted?.(path, text)
    return { text, file: shown(path) }
  }
  return undefined
}

/** Templates of these folders, the first that has one of the name, as it was when it was first wanted. A name, or a link, that leads out of all of them gives nothing of what lies there. */
export const templatesIn = (folders: readonly string[], shown: (path: string) => string, noted?: Noted): Loader => {
  // 37 hosts want the same templates; and a file that is saved meanwhile may not give them different ones
  const found = new Map<string, TemplateSource>()
  return Object.assign((name: string): TemplateSource | undefined => {
    const source = found.get(name) ?? find(name, folders, shown, noted)
    if (source !== undefined) found.set(name, source)
    return source
  }, { folders: folders.map(shown) })
}
