import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { eventually, freePort, program, standinObstacle } from './standin/machine.js'
import { CarbonNode } from './standin-carbon/node.js'

const obstacle = standinObstacle() ?? (program('slapd') === undefined ? 'no slapd (Debian: slapd)' : undefined)
if (obstacle !== undefined) console.log(`skipped: directories of the stand-in of Carbon: ${obstacle}`)

const entries = `dn: dc=example,dc=test
objectClass: dcObject
objectClass: organization
o: test

dn: ou=people,dc=example,dc=test
objectClass: organizationalUnit

dn: cn=wso2,dc=example,dc=test
objectClass: organizationalRole
objectClass: simpleSecurityObject
userPassword: let me in

dn: uid=known,ou=people,dc=example,dc=test
objectClass: inetOrgPerson
cn: known
sn: known
userPassword: secret
`

const answers = (port: number): Promise<true | undefined> => new Promise((resolve) => {
  const socket = connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true) })
  socket.once('error', () => { resolve(undefined) })
})

// wso2.md a.0.7; wso2/carbon-kernel: key-mappings.json, user-mgt.xml.j2
describe.skipIf(obstacle !== undefined)('directories of the stand-in of Carbon', { timeout: 120_000 }, () => {
  const nodes: CarbonNode[] = []
  let directory = ''
  let config = ''
  let port = 0
  let server: ChildProcess | undefined

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'standin-slapd-'))
    config = join(directory, 'slapd.conf')
    mkdirSync(join(directory, 'data'))
    writeFileSync(config, [
      ...['core', 'cosine', 'inetorgperson'].map((schema) => `include /etc/ldap/schema/${schema}.schema`), 'modulepath /usr/lib/ldap', 'moduleload back_mdb', 'database mdb', 'suffix "dc=example,dc=test"',
      `directory ${directory}/data`, 'access to attrs=userPassword by dn.exact="cn=wso2,dc=example,dc=test" write by anonymous auth', 'access to * by dn.exact="cn=wso2,dc=example,dc=test" write', '',
    ].join('\n'))
    execFileSync(program('slapadd') ?? '', ['-f', config], { input: entries, stdio: 'pipe' })
    port = await freePort()
    server = spawn(program('slapd') ?? '', ['-f', config, '-h', `ldap://127.0.0.1:${port}`, '-d', '0'], { stdio: 'ignore' })
    await eventually('slapd', () => answers(port))
  }, 60_000)
  afterEach(() => Promise.all(nodes.splice(0).map((node) => node.destroy())))
  afterAll(() => {
    server?.kill()
    rmSync(directory, { recursive: true, force: true })
  })

  const node = async (type: string, admin: string, { password = 'let me in', base = 'ou=people,dc=example,dc=test', more = '', add = type === 'read_write_ldap' } = {}): Promise<CarbonNode> => {
    const made = await CarbonNode.unpack('toml')
    nodes.push(made)
    made.edit('esb.toml', 'username = "admin"\npassword = "admin"\ncreate_admin_account = true', `username = "${admin}"\npassword = "of the admin"\ncreate_admin_account = ${add}`)
    made.edit('esb.toml', 'type = "database"\n', `type = "${type}"\nconnection_url = "ldap://127.0.0.1:${port}"\nconnection_name = "cn=wso2,dc=example,dc=test"\nconnection_password = "${password}"\n`
      + `user_search_base = "${base}"\nuser_name_attribute = "uid"\nuser_name_search_filter = "(&amp;(objectClass=inetOrgPerson)(uid=?))"\n${more}\n`)
    return made
  }
  const refused = async (made: CarbonNode, message: string): Promise<void> => {
    void made.run()
    await made.logged(message)
    expect(made.starts()).toBe(0)
  }

  it('lets a node in that asks for what there is', async () => {
    const made = await node('read_only_ldap', 'known')
    await made.start()
    expect(made.log()).toContain(`User store ldap://127.0.0.1:${port} is ready`)
  })

  it.each([
    ['a wrong password', { password: 'let me out' }, 'known', 'LDAP: error code 49'],
    ['a search base that there is not', { base: 'ou=peeple,dc=example,dc=test' }, 'known', 'LDAP: error code 32'],
    ['an administrator who is not in it', {}, 'stranger', "The administrator 'stranger' is not in the user store"],
    ['an administrator who shall be made where nothing is written', { add: true }, 'stranger', 'Admin user can not be created in primary user store'],
    ['groups that are searched nowhere', { more: 'read_groups = true\ngroup_search_base = "ou=groups,dc=example,dc=test"' }, 'known', 'LDAP: error code 32'],
  ])('stops a node with %s', async (_about, options, admin, message) => {
    await refused(await node('read_only_ldap', admin, options), message)
  })

  it('is given the administrator by a node that writes, with the class that the properties name', async () => {
    const made = await node('read_write_ldap', 'keeper', { more: 'user_entry_object_class = "passed over"\n\n[user_store.properties]\nUserEntryObjectClass = "inetOrgPerson"' })
    await made.start()
    const all = execFileSync(program('slapcat') ?? '', ['-f', config], { encoding: 'utf8', stdio: 'pipe' })
    expect(all).toContain('dn: uid=keeper,ou=people,dc=example,dc=test')
    expect(all).not.toContain('of the admin')
  })

  it('is not even asked where a value breaks the XML that it is rendered into', async () => {
    const made = await node('read_only_ldap', 'known')
    made.edit('esb.toml', '(&amp;(', '(&(')
    expect(await made.run()).toBe(0)
    expect(made.log()).toContain('The rendered XML is not well-formed where it holds user_store.user_name_search_filter')
  })

  it('is not reached by a node that cannot open its internal keystore', async () => {
    const made = await node('read_only_ldap', 'known', { more: '\n[keystore.internal]\nfile_name = "internal.jks"\ntype = "JKS"\npassword = "practice"\nalias = "internal"\nkey_password = "practice"' })
    await refused(made, 'internal.jks')
  })
})
