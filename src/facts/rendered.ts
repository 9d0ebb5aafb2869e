import type { LocalFact, Scope } from '../core/fact.js'
import type { Text } from '../core/secret.js'

/** A template with a host's variables filled in. */
export const rendered = (source: string, scope: Scope): LocalFact<Text> => ({ key: `rendered:${source}`, evaluates: true, read: (controller) => controller.render(source, scope) })
