import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { rendered } from '../playbook/template/given.js'
import { productNamed } from '../support/product-archive.js'
import { checkout } from '../support/provision.js'

const template = readFileSync(join(checkout, 'templates/nginx/worker-manager.conf.njk'), 'utf8')
const hosts = { lb1: { address: '10.1.0.2' }, one: { address: '10.1.0.3' }, two: { address: '10.1.0.4' } }
const site = (product: string, served: readonly ('one' | 'two')[]): readonly string[] => String(rendered(template, {
  product: productNamed(product), host: hosts.lb1, balanced: served.map((name) => ({ ...hosts[name], offset: productNamed(product).offset })), console: { ...hosts.one, offset: productNamed(product).offset },
  service_name: 'esb.example.test', console_name: 'mgt.esb.example.test',
})).split('\n').map((line) => line.trim())

describe('the site of the balancer', () => {
  // the document of the profile sends its console to 9443, where nobody listens
  it.each([
    ['ei-6.1.1-business-process', ['one', 'two'], ['10.1.0.3:9765', '10.1.0.4:9765', '10.1.0.3:9445', '10.1.0.4:9445', '10.1.0.3:9445']],
    ['esb-4.9.0', ['two'], ['10.1.0.4:8280', '10.1.0.4:8243', '10.1.0.3:9443']],
  ] as const)('sends services of %s to the nodes that serve them, and the console to its own port of the manager', (product, served, places) => {
    expect(site(product, served).flatMap((line) => /^server (\S+?:\d+)/.exec(line)?.[1] ?? [])).toEqual(places)
  })

  it('hands Upgrade on at HTTP, HTTPS and the console, and waits five minutes', () => {
    const lines = site('ei-6.1.1-business-process', ['one', 'two'])
    for (const line of ['proxy_set_header Upgrade $http_upgrade;', 'proxy_set_header Connection $node_connection;', 'proxy_set_header X-Forwarded-Host $host;', 'proxy_read_timeout 5m;', 'proxy_send_timeout 5m;']) {
      expect(lines.filter((one) => one === line)).toHaveLength(3)
    }
    expect(lines).toContain('proxy_redirect https://$host:9445/ https://$host/;')
  })
  // Tomcat ends an idle connection after 20 seconds, and whoever is told to close one ends it at once: a request that is sent meanwhile is lost, and after two of them nginx takes the node for dead
  it.each([['worker-manager', 'node', 3], ['micro-integrator', 'mi', 2]] as const)('keeps connections to nodes in %s, and lets them go before the node does', (name, prefix, upstreams) => {
    const text = readFileSync(join(checkout, `templates/nginx/${name}.conf.njk`), 'utf8')
    expect(text).toContain(`map $http_upgrade $${prefix}_connection { default upgrade; '' ''; }`)
    expect([...text.matchAll(/^ {2}keepalive \d+;\n {2}keepalive_timeout 15s;$/gm)]).toHaveLength(upstreams)
  })
  it.each(['mi-cluster', 'carbon-cluster', 'ei-toml-cluster'])('of %s lists nodes once all of them have passed their gate', (playbook) => {
    const text = readFileSync(join(checkout, `playbooks/${playbook}.yaml`), 'utf8')
    expect(text.split('- include: nginx-site')).toHaveLength(2)
    expect(text.indexOf('- include: nginx-site')).toBeGreaterThan(text.indexOf('  - name: Start nodes'))
    expect(text.indexOf('  - name: Start nodes')).toBeGreaterThan(0)
  })
})
