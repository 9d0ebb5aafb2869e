import { join } from 'node:path'
import { parse as parseToml } from 'smol-toml'
import { describe, expect, it } from 'vitest'
import { templatesIn } from '../../src/cli/templates.js'
import { Secret } from '../../src/core/secret.js'
import { renderTemplate } from '../../src/playbook/template/render.js'
import { scopeOf } from '../playbook/template/given.js'
import { productNamed } from '../support/product-archive.js'
import { checkout } from '../support/provision.js'

const folder = join(checkout, 'templates')
const known: Readonly<Record<string, unknown>> = {
  product: productNamed('ei-toml-7.0.0'), service_name: 'ei.example.test', admin_user: 'keeper', admin_password: 'a&b"c', create_admin: true, membership_scheme: 'wka', domain: 'one.domain',
  node: { name: 'ei1', address: '10.0.0.3', offset: 1, port: 4001 }, cluster_members: ['10.0.0.3:4001', '10.0.0.4:4000'], database: 'postgresql', database_user: 'regadmin', database_password: 'p<q',
  driver_class: 'org.postgresql.Driver', tables: [{ source: 'shared_db', url: 'jdbc:postgresql://10.0.0.1:5432/WSO2_SHARED_DB?a=1&b=2' }], user_store: { type: 'database' }, is_directory: false, groups_of_users: null,
  keystore_password: 'of the store', analytics: null,
}
const rendered = (more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> =>
  parseToml(String(renderTemplate('ei-toml-7.0.0/esb.toml.njk', scopeOf({ ...known, ...more }), templatesIn([folder], (path) => path)))) as Readonly<Record<string, unknown>> // no date or number of another kind is in it
const directory = {
  is_directory: true, user_store_password: 'd&p', users: { base: 'ou=people,dc=b', name: 'uid', object: 'person', entry: 'inetOrgPerson' },
  groups_of_users: { base: 'ou=groups,dc=b', name: 'cn', object: 'groupOfNames', member: 'member' },
}
const store = (type: string, more: Readonly<Record<string, unknown>> = {}): unknown =>
  rendered({ ...directory, user_store: { type, url: 'ldaps://db1:636', bind: 'cn=wso2,dc=b', users: { base: 'ou=people,dc=b' } }, ...more })['user_store']

describe('esb.toml', () => {
  it('says how members find each other, with the numbers of this node', () => {
    expect(rendered()).toMatchObject({
      server: { hostname: 'ei.example.test', node_ip: '10.0.0.3', offset: 1 },
      clustering: { membership_scheme: 'wka', domain: 'one.domain', local_member_host: '10.0.0.3', local_member_port: 4001, members: ['10.0.0.3:4001', '10.0.0.4:4000'] },
      keystore: { internal: { file_name: 'internal.jks', alias: 'internal' }, primary: { file_name: 'node.jks' }, tls: { file_name: 'node.jks' } }, truststore: { file_name: 'trust.jks' },
    })
    expect(rendered()).not.toHaveProperty('monitoring')
  })

  it('escapes what is put into XML, and names the database as the product does', () => {
    expect(rendered()).toMatchObject({
      super_admin: { username: 'keeper', password: 'a&amp;b&quot;c', create_admin_account: true },
      database: { shared_db: { type: 'postgre', url: 'jdbc:postgresql://10.0.0.1:5432/WSO2_SHARED_DB?a=1&amp;b=2', password: 'p&lt;q', pool_options: { max_active: 50, test_on_borrow: true } } },
    })
  })

  it('has users in the shared database, in one of their own, or in a directory', () => {
    expect(rendered()['user_store']).toEqual({ type: 'database' })
    expect(rendered({ tables: [{ source: 'shared_db', url: 'a' }, { source: 'user', url: 'b' }] })['database']).toMatchObject({ user: { url: 'b' } })
    const common = {
      connection_url: 'ldaps://db1:636', connection_name: 'cn=wso2,dc=b', connection_password: 'd&amp;p', user_search_base: 'ou=people,dc=b', user_name_attribute: 'uid',
      user_name_search_filter: '(&amp;(objectClass=person)(uid=?))', read_groups: true, group_search_base: 'ou=groups,dc=b', membership_attribute: 'member',
    }
    expect(store('read_only_ldap')).toMatchObject({ type: 'read_only_ldap', ...common, properties: { ReadOnly: 'true' } })
    expect(store('read_write_ldap')).toMatchObject({ type: 'read_write_ldap', ...common, password_hash_method: 'SHA', properties: { WriteGroups: 'true', UserEntryObjectClass: 'inetOrgPerson', GroupEntryObjectClass: 'groupOfNames' } })
    expect(store('active_directory')).toMatchObject({ type: 'active_directory', back_links_enabled: true, properties: { Referral: 'follow', userAccountControl: '512' } })
    expect(store('read_write_ldap', { groups_of_users: null })).toMatchObject({ read_groups: false, properties: { WriteGroups: 'false' } })
  })

  it('tells an analytics server where there is one', () => {
    expect(rendered({ analytics: { receiver: 'tcp://10.0.0.9:7612', authentication: 'ssl://10.0.0.9:7712', user: 'teller' }, analytics_password: 'of the teller' })).toMatchObject({
      monitoring: { ei_analytics: { server_url: 'tcp://10.0.0.9:7612', auth_server_url: 'ssl://10.0.0.9:7712', username: 'teller', password: 'of the teller' } }, mediation: { flow: { statistics: { enable: true } } },
    })
  })

  it('keeps secret what is secret', () => {
    const text = renderTemplate('ei-toml-7.0.0/esb.toml.njk', scopeOf({ ...known, admin_password: new Secret('swordfish9') }), templatesIn([folder], (path) => path))
    expect(JSON.stringify(text)).not.toContain('swordfish9')
  })
})
