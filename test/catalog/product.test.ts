import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { productIn } from '../../src/catalog/product.js'
import { parseYaml } from '../../src/yaml/document.js'
import { told } from '../playbook/given.js'

const folder = join(import.meta.dirname, '../../playbooks/products')
const files = readdirSync(folder)
const textOf = (file: string): string => readFileSync(join(folder, file), 'utf8')
const one = textOf('mi-4.2.0.yaml')
const profile = textOf('ei-6.1.1-business-process.yaml')

describe('the shipped descriptions of products', () => {
  it.each(files)('%s is right, and named after what it describes', (file) => {
    const product = productIn(parseYaml(textOf(file), file))
    expect(file.replace(/\.yaml$/, '').split('-')).toContain(product.version)
    expect(product.archive.file).toBe(`${product.archive.folder}.zip`)
    const numbers = Object.values(product.ports).map(({ base }) => base)
    expect(new Set(numbers).size).toBe(numbers.length)
  })
})

describe('mistakes in the description of a product', () => {
  it.each([
    ['a key that nobody knows', 'drivers: lib', 'driver: lib', 'unknown key "driver"'],
    ['a path that leads out', 'drivers: lib', 'drivers: ../lib', 'a path below the home'],
    ['a path from the root', 'drivers: lib', 'drivers: /lib', 'a path below the home'],
    ['versions of Java the wrong way round', 'least: 11, most: 17', 'least: 17, most: 11', 'least'],
    ['a cluster in a database that there is not', 'role: coordination', 'role: registry', 'one of its databases: coordination'],
    ['a way to become a cluster that there is not', 'by: database', 'by: magic', 'by'],
    ['a port that there cannot be', 'base: 8280', 'base: 82800', '65535'],
  ])('%s', (_what, from, to, wanted) => {
    expect(one).toContain(from)
    expect(told(() => productIn(parseYaml(one.replace(from, to), 'product.yaml')))).toContain(wanted)
  })

  it.each([
    ['a script outside of the profile, as its wrapper is', 'script: bin/wso2server.sh', 'script: ../../bin/business-process.sh', 'a path below the home'],
    ['a port for services that it does not have', 'https: console,', 'https: secure,', 'one of its ports: console, servlet, jmx_registry, jmx'],
    ['a place in the registry that is none', 'config: /_system/bpsconfig', 'config: bpsconfig', 'a path below /_system/'],
    ['a page that is no path', 'redirect: /carbon/', 'redirect: carbon/', 'a path of a URL'],
  ])('%s', (_what, from, to, wanted) => {
    expect(profile).toContain(from)
    expect(told(() => productIn(parseYaml(profile.replace(from, to), 'product.yaml')))).toContain(wanted)
  })
})
