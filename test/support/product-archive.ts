import { readdirSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { productIn, type Product } from '../../src/catalog/product.js'
import { parseYaml } from '../../src/yaml/document.js'
import { zipOf } from './zip.js'

const folder = resolve(import.meta.dirname, '../../playbooks/products')

/** A shipped description of a product. */
export const productNamed = (name: string): Product => productIn(parseYaml(readFileSync(join(folder, `${name}.yaml`), 'utf8'), name))

/** All that is described, by name. */
export const productNames = readdirSync(folder).map((file) => file.replace(/\.yaml$/, ''))

/** A zip with no more than what a plan reads of a product's archive: the scripts of its databases, each with as many tables as the description says. */
export const archiveOf = ({ archive, home, databases }: Product): Uint8Array => {
  const scripts = new Map(Object.values(databases).flatMap(({ scripts: all }) => all).map(({ file, tables }) => [file, tables]))
  return zipOf([...scripts].map(([file, tables]) => ({
    name: [archive.folder, home, file].filter((part) => part !== undefined).join('/'),
    content: Array.from({ length: tables ?? 1 }, (_none, index) => `CREATE TABLE ${basename(file, '.sql')}${index} (ID INTEGER);\n`).join(''),
  })))
}
