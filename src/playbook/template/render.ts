import type { Text } from '../../core/secret.js'
import { contextOf, type Loader, type TemplateScope } from './context.js'
import { inFile } from './origin.js'
import { missingTemplate, runSource } from './statements.js'
import { joined } from './values.js'

/** The text of a template for a host; secret, with dots where a secret stands, as soon as it uses one. */
export const renderTemplate = (name: string, scope: TemplateScope, loader: Loader): Text => {
  const source = loader(name)
  if (source === undefined) throw missingTemplate(name, loader)
  const parts: Text[] = []
  runSource(source, contextOf(scope, inFile(source.file, source.text), loader), parts)
  return joined(parts)
}
