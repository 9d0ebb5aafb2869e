import type { Text } from '../../core/secret.js'
import { contextOf, type Loader, type TemplateScope } from './context.js'
import { inFile, templateError } from './origin.js'
import { runSource } from './statements.js'
import { joined } from './values.js'

/** The text of a template for a host; secret, with dots where a secret stands, as soon as it uses one. */
export const renderTemplate = (name: string, scope: TemplateScope, loader: Loader): Text => {
  const source = loader(name)
  if (source === undefined) throw templateError('missing-template', `there is no template ${name}`, {
    hint: 'names are relative to the folders of templates',
  })
  const parts: Text[] = []
  runSource(source, contextOf(scope, inFile(source.file, source.text), loader), parts)
  return joined(parts)
}
