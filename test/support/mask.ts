import { KnownSecrets } from '../../src/core/mask.js'
import { Secret } from '../../src/core/secret.js'

/** The mask of these secrets. */
export const maskOf = (texts: readonly string[]): ((text: string) => string) => {
  const secrets = new KnownSecrets()
  secrets.learn(texts.map((text) => new Secret(text)))
  return secrets.mask
}
