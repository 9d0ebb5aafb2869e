import { encrypt } from 'unixcrypt'
import { digestOf, isDigestName, sha256 } from '../../../core/digest.js'
import type { Filter } from '../filter.js'
import { wrongType } from '../values.js'
import { plainText } from './texts.js'

const schemes = { sha512: '$6$', sha256: '$5$' }
const isScheme = (name: string): name is keyof typeof schemes => Object.hasOwn(schemes, name)

/** Rounds of the scheme when none are told, as crypt(3) and the tools of hosts have them. */
const ROUNDS = 5000
const MOST_ROUNDS = 100_000

/** A salt of the host's own, the same in every run; it comes of nothing secret, so that it tells nothing. */
const saltOf = (host: string): string => Buffer.from(sha256(`password_hash ${host}`), 'hex').toString('base64').replaceAll('+', '.').slice(0, 16)

const simple = (name: string, digest: 'md5' | 'sha1', summary: string, gives: string): Filter =>
  ({ name, summary, example: { expression: `'admin' | ${name}`, gives }, parameters: [], secrets: 'hidden', apply: (input) => digestOf(digest, plainText(input)) })

/** Filters that make digests of texts. */
export const digestFilters: readonly Filter[] = [
  {
    name: 'hash', summary: 'A digest of a text as hexadecimal digits: sha1 when none is named, md5, sha224, sha256, sha384 or sha512.',
    example: { expression: "'admin' | hash('sha256')", gives: '8c6976e5b5410415bde908bd4dee15dfb167a9c873fc4bb8a81f6f2ab448a918' },
    parameters: ['algorithm?'], secrets: 'hidden',
    apply: (input, given) => {
      const algorithm = given.text('algorithm', 'sha1')
      if (!isDigestName(algorithm)) throw wrongType('hash knows no such digest', 'write md5, sha1, sha224, sha256, sha384 or sha512')
      return digestOf(algorithm, plainText(input))
    },
  },
  simple('checksum', 'sha1', 'The SHA-1 of a text as hexadecimal digits, to tell texts apart.', 'd033e22ae348aeb5660fc2140aec35850c4da997'),
  simple('sha1', 'sha1', 'The SHA-1 of a text as hexadecimal digits.', 'd033e22ae348aeb5660fc2140aec35850c4da997'),
  simple('md5', 'md5', 'The MD5 of a text as hexadecimal digits.', '21232f297a57a5a743894a0e4a801fc3'),
  {
    name: 'password_hash', summary: 'What /etc/shadow holds of a password, under sha512 or sha256. Without `salt` the host has one of its own, the same in every run.',
    example: {
      expression: "'secret' | password_hash('sha512', 'mysalt')", gives: '$6$mysalt$UX6P1VKOf6dr0s2pg4pLNvIUB6hLXvP6M5f/Yj9hJgMPdAJ4oArvk5YUD9/XWtk1JOpVwt/JTsczMJr8sFVML1',
    },
    parameters: ['hashtype?', 'salt?', 'rounds?'], secrets: 'hidden',
    apply: (input, given, { host }) => {
      const scheme = given.text('hashtype', 'sha512')
      if (!isScheme(scheme)) throw wrongType('password_hash knows no such scheme', 'write sha512 or sha256')
      const salt = given.text('salt', saltOf(host))
      if (!/^[./0-9A-Za-z]{1,16}$/.test(salt)) throw wrongType('a salt is 1 to 16 letters, digits, points and slashes', 'leave it out, or make one with | hash | truncate')
      const rounds = given.number('rounds', ROUNDS)
      if (!Number.isInteger(rounds) || rounds < 1000 || rounds > MOST_ROUNDS) throw wrongType(`rounds are a whole number from 1000 to ${MOST_ROUNDS}`)
      return encrypt(plainText(input), `${schemes[scheme]}${rounds === ROUNDS ? '' : `rounds=${rounds}$`}${salt}`)
    },
  },
]
