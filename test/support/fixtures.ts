import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parse } from 'yaml'
import { Secret } from '../../src/core/secret.js'

export interface Fixture<T> { readonly name: string; readonly file: string; readonly data: T }

const secretTag = { tag: '!secret', resolve: (text: string) => new Secret(text) }

/** The scenarios of a folder, one a file, by subfolder: `modules/service/starts.yaml`. */
export const fixturesOf = <T>(folder: string): ReadonlyMap<string, readonly Fixture<T>[]> => new Map(
  readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => [
    name,
    readdirSync(join(folder, name)).filter((file) => file.endsWith('.yaml')).sort().map((file) => ({
      name: basename(file, '.yaml'),
      file: join(folder, name, file),
      data: parse(readFileSync(join(folder, name, file), 'utf8'), { customTags: [secretTag] }) as T, // the shape is the test's own convention
    })),
  ]),
)
