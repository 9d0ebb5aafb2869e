import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { databaseTypeIn, type DatabaseType } from '../../src/catalog/database.js'
import { parseYaml } from '../../src/yaml/document.js'
import { told } from '../playbook/given.js'
import { rendered } from '../playbook/template/given.js'
import { fixturesOf } from '../support/fixtures.js'
import { productNamed } from '../support/product-archive.js'

const checkout = resolve(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(resolve(checkout, path), 'utf8')
const textOf = (name: string): string => read(`playbooks/databases/${name}.yaml`)
const typeNamed = (name: string): DatabaseType => databaseTypeIn(parseYaml(textOf(name), `${name}.yaml`))
const names = readdirSync(resolve(checkout, 'playbooks/databases')).map((file) => file.replace(/\.yaml$/, ''))

/** What nodes are told of a database of this type. */
interface Golden { readonly url: string; readonly driver: string; readonly toml: string; readonly xml: string }
const golden = fixturesOf<Golden>('test/catalog').get('databases') ?? []

/** The block of data sources, as the step list writes it. */
const xmlTemplate = (parse(read('playbooks/steps/xml-configuration.yaml')) as { steps: { name: string; xml: { edits: { content: string }[] } }[] }).steps[0]?.xml.edits[0]?.content ?? '' // our own file

describe('the shipped types of databases', () => {
  it('are the eleven of the documents, and H2 inside of a node', () => {
    expect(names.toSorted()).toEqual(['db2', 'derby', 'derby-embedded', 'h2', 'h2-embedded', 'informix', 'mariadb', 'mssql', 'mysql', 'oracle', 'oracle-rac', 'postgresql'])
    expect(golden.map(({ name }) => name).toSorted()).toEqual(names.toSorted())
  })

  it.each(golden)('$name is told to nodes as it should', ({ name, data: { url, driver, toml, xml } }) => {
    const database = typeNamed(name)
    const product = productNamed('mi-4.2.0')
    const variables = {
      database, driver_class: database.driver.class, product, offset: product.offset, database_name: 'regdb', database_user: 'app', database_password: 'letmein', members: { database: [{ address: 'db.example' }] }, host: { name: 'n1' },
      service_name: 'svc.example', keystore_password: 'secret-store', admin_user: 'boss', admin_password: 'secret-boss', task_resolver: 'default', resolving_period: 2, resolving_frequency: 5, secure_vault: false, node_id_by: 'configuration',
    }
    const file = String(rendered(read('templates/micro-integrator/deployment.toml.njk'), variables))
    expect(file.slice(file.indexOf('[[datasource]]'), file.indexOf('\n\n[task_handling]') + 1)).toBe(toml)
    const source = { name: 'regdb', source: 'jdbc/App', url, user: 'app', password: 'letmein', driver, validation: database.validation, pool: database.pool }
    expect(String(rendered(xmlTemplate, { sources: [source], vault: false })).trim()).toBe(xml.trim())
    const vaulted = String(rendered(xmlTemplate, { sources: [{ ...source, alias: 'Its.Password' }], vault: true })).trim()
    expect(vaulted).toBe(xml.trim().replace('<password>letmein</password>', '<password xmlns:svns="http://org.wso2.securevault/configuration" svns:secretAlias="Its.Password">password</password>'))
  })

  it.each(names)('%s is served by scripts of a product', (name) => {
    const { server } = typeNamed(name)
    expect(Object.values(productNamed('esb-4.9.0').databases).every(({ scripts }) => scripts.some(({ servers }) => servers.includes(server)))).toBe(true)
  })
})

describe('mistakes in the description of a type of database', () => {
  const one = textOf('oracle-rac')
  it.each([
    ['a key that nobody knows', 'delimiter: /', 'separator: /', 'unknown key "separator"'],
    ['a delimiter that there is not', 'delimiter: /', 'delimiter: //', '"/"'],
    ['a name in braces that nobody fills in', 'SERVICE_NAME={database}', 'SERVICE_NAME={service}', 'expected no other names in braces than {host}'],
    ['an address that stands nowhere', '{addresses}', '(ADDRESS=x)', 'expected together with {addresses}'],
    ['a server without a port', 'port: 1521', '', 'expected of what is not embedded'],
    ['a client that there is not', 'delimiter: /', 'client: sqlplus', 'client'],
  ])('%s', (_what, from, to, wanted) => {
    expect(one).toContain(from)
    expect(told(() => databaseTypeIn(parseYaml(one.replace(from, to), 'type.yaml')))).toContain(wanted)
  })
})
