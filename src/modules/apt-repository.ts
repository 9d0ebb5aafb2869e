import { z } from 'zod'
import { below } from '../core/change.js'
import { defineModule } from '../core/module.js'
import { oldOf } from '../core/part-file.js'
import { sh } from '../core/shell.js'
import { fileAt } from '../facts/file.js'
import { identity } from '../facts/identity.js'
import { absolutePath } from './arguments.js'
import { file, mayAlter } from './file.js'

const SOURCES = '/etc/apt/sources.list.d'
const KEYRINGS = '/etc/apt/keyrings'
const word = z.string().regex(/^[^\s#]\S*$/, 'expected text without spaces')

const args = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9_.-]*$/, 'expected letters, digits and . _ -').describe('What the repository is called: the name of its .sources file and of its key.'),
  state: z.enum(['present', 'absent']).default('present').describe('Whether there is such a repository. `absent` removes its file and its key.'),
  uris: z.array(word).min(1).optional().describe('Where it lies. Needed unless it shall be absent.'),
  suites: z.array(word).min(1).optional().describe('The suites, such as `bookworm`; a path with a slash at its end, such as `./`, for a repository without components. Needed unless it shall be absent.'),
  components: z.array(word).default([]).describe('The components, such as `main`.'),
  types: z.array(z.enum(['deb', 'deb-src'])).min(1).default(['deb']).describe('Whether it brings packages, their sources, or both.'),
  architectures: z.array(word).default([]).describe("The architectures that are fetched. The host's own when empty."),
  key: z.string().regex(/^-----BEGIN PGP PUBLIC KEY BLOCK-----\n[\s\S]*-----END PGP PUBLIC KEY BLOCK-----\s*$/, 'expected an armored public key').optional()
    .describe('The public key that signs it, in armor; it is trusted for this repository alone.'),
  'signed-by': absolutePath.optional().describe('Instead of `key`: a keyring that is on the host. With neither, any key that apt trusts for all.'),
  trusted: z.boolean().default(false).describe('Whether packages are taken without a signature; for a repository on the host itself.'),
}).refine(({ state, uris, suites }) => state === 'absent' || (uris !== undefined && suites !== undefined), { message: 'say where it lies: `uris` and `suites`', path: ['uris'] })
  .refine(({ key, 'signed-by': by }) => key === undefined || by === undefined, { message: 'give `key` or `signed-by`, not both', path: ['signed-by'] })
type Args = z.output<typeof args>

export const aptRepository = defineModule({
  name: 'apt-repository',
  kind: 'state',
  summary: "A repository is among the sources of apt, by a file of its own with a key of its own, and apt has fetched what it holds.",
  args,
  examples: [
    `apt-repository: { name: example, uris: [https://packages.example.com/debian], suites: [bookworm], components: [main], signed-by: /usr/share/keyrings/example.gpg }`,
    `apt-repository: { name: old-example, state: absent }`,
  ],
  needs: ({ name }) => ({
    now: fileAt(sourcesOf(name)), parent: fileAt(SOURCES), unproven: fileAt(oldOf(sourcesOf(name))),
    keyring: fileAt(keyOf(name)), keyrings: fileAt(KEYRINGS), unprovenKey: fileAt(oldOf(keyOf(name))), who: identity,
  }),
  mayDisturb: ({ name }) => [sourcesOf(name), keyOf(name)].flatMap((path) => mayAlter({ path, 'validate-after': fetching(path) })).concat(LISTS),
  check(wanted, { now, parent, who, unproven, ...facts }) {
    const path = sourcesOf(wanted.name)
    const keyPath = keyOf(wanted.name)
    const key = wanted.state === 'present' ? wanted.key : undefined
    const placed = wanted.state === 'absent'
      ? file.check({ path, state: 'absent' }, { now, parent, who })
      : file.check({ path, state: 'present', content: contentOf(wanted), mode: '0644', 'validate-after': fetching(path) }, { now, parent, who, unproven })
    const keyring = { now: facts.keyring, parent: facts.keyrings, who, unproven: facts.unprovenKey }
    // the key comes before the source that names it, and goes after it
    const keyed = key === undefined ? [] : file.check({ path: keyPath, state: 'present', content: key, mode: '0644', ...(placed.length === 0 || facts.unprovenKey.type !== 'absent' ? { 'validate-after': fetching(path) } : {}) }, keyring)
    const unkeyed = key === undefined && wanted['signed-by'] !== keyPath ? file.check({ path: keyPath, state: 'absent' }, keyring) : []
    return [...keyed, ...placed, ...unkeyed].map((change) => ({ ...change, disturbs: [...(change.disturbs ?? []), ...LISTS] }))
  },
})

const sourcesOf = (name: string): string => `${SOURCES}/${name}.sources`
const keyOf = (name: string): string => `${KEYRINGS}/${name}.asc`
const LISTS = [below('/var/lib/apt'), below('/var/cache/apt')]

const contentOf = (wanted: Args): string => {
  const signedBy = wanted.key === undefined ? wanted['signed-by'] : keyOf(wanted.name)
  const fields: readonly (readonly [string, readonly string[]])[] = [
    ['Types', wanted.types], ['URIs', wanted.uris ?? []], ['Suites', wanted.suites ?? []], ['Components', wanted.components], ['Architectures', wanted.architectures],
    ['Signed-By', signedBy === undefined ? [] : [signedBy]], ['Trusted', wanted.trusted ? ['yes'] : []],
  ]
  return fields.filter(([, values]) => values.length > 0).map(([field, values]) => `${field}: ${values.join(' ')}\n`).join('')
}

/** Of this repository alone, so that another one that does not answer is no matter; of what cannot be fetched, the file goes again. */
const fetching = (path: string): string =>
  String(sh`LC_ALL=C apt-get -q -o DPkg::Lock::Timeout=120 -o Dir::Etc::sourcelist=${path} -o Dir::Etc::sourceparts=- -o APT::Get::List-Cleanup=0 -o APT::Update::Error-Mode=any update </dev/null`)
