import { expect, it } from 'vitest'
import { KnownSecrets } from '../../src/core/mask.js'
import { Secret } from '../../src/core/secret.js'
import { load, list, play, resolve, walked, worldOf, type Files, type Given } from './given.js'
import { renderTemplate } from '../../src/playbook/template/render.js'
import { learnParameters } from '../../src/playbook/secrets.js'
import { HostScope } from '../../src/playbook/scope.js'

/** What is known after all steps of a host have their values. */
const knownAfter = (files: Files, given: Given = {}): KnownSecrets => {
  const secrets = new KnownSecrets()
  walked(files, { ...given, secrets })
  return secrets
}
const site = (params: string, steps: string): string => `params: ${params}\nplays:\n${play(steps).replace(/^/gm, '  ')}`
const use = '- note: { value: "{{ pw }}" }'

it.each<[string, Files, Given]>([
  ['--set gives a parameter that is a secret', site('{ pw: { type: secret } }', use), { set: { pw: 'hunter2!' } }],
  ['the inventory gives one', site('{ pw: { type: secret } }', use), { hosts: { h1: { vars: { pw: 'hunter2!' } } } }],
  ['a parameter has by default', site('{ pw: { type: secret, default: hunter2! } }', use), {}],
  ['an include gives', { 'site.yaml': play('- include: l\n  with: { pw: hunter2! }'), 'l.yaml': list('pw: { type: secret }', use) }, {}],
  ['a step list has by default', { 'site.yaml': play('- include: l'), 'l.yaml': list('pw: { type: secret, default: hunter2! }', use) }, {}],
  ['an expression makes of another', play('- note: { value: "{{ pw | lower }}" }'), { set: { pw: new Secret('HUNTER2!') } }],
  ['an expression makes inside of a text', play('- note: { content: "a={{ pw | lower }}" }'), { set: { pw: new Secret('HUNTER2!') } }],
  ['an expression makes inside of a list', play('- note: { value: "{{ [pw | lower, 1] }}" }'), { set: { pw: new Secret('HUNTER2!') } }],
  ['a variable of a step makes', `${play('- note: { content: "a={{ x }}" }\n  vars: { x: "{{ pw | lower }}" }')}`, { set: { pw: new Secret('HUNTER2!') } }],
  ['a macro makes', play('- note: { content: "{% macro m() %}{{ pw | lower }}{% endmacro %}a={{ m() }}" }'), { set: { pw: new Secret('HUNTER2!') } }],
  ['a module takes as one', play('- hush: { password: hunter2! }'), {}],
])('a secret is known once %s', (_how, files, given) => {
  const { mask } = knownAfter(files, given)
  expect(mask('the host says a=hunter2!')).toBe('the host says a=••••••••')
  expect(mask(Buffer.from('xx hunter2! yy').toString('base64'))).toContain('••••••••')
})

it('leaves what stands in the open of a text with a secret alone', () => {
  const { mask } = knownAfter(play('- note: { content: "user=operator\\npw={{ pw }}" }'), { set: { pw: new Secret('hunter2!') } })
  expect(mask('user=operator\npw=hunter2!')).toBe('user=operator\npw=••••••••')
})

it('is told of what a template makes', () => {
  const secrets = new KnownSecrets()
  const world = worldOf({ secrets, set: { pw: new Secret('HUNTER2!') } })
  const variables = world.hosts.get('h1')
  if (variables === undefined) throw new Error('no host')
  renderTemplate('t', new HostScope(world, variables, {}), () => ({ text: 'a={{ pw | lower }}', file: 't' }))
  expect(secrets.mask('hunter2!')).toBe('••••••••')
})

it('knows what parameters hold before a step asks, and leaves what cannot be told yet for then', () => {
  const files = {
    'site.yaml': `params: { pw: { type: secret }, later: { type: secret, default: "{{ host.os }}" }, none: { type: secret }, plain: { type: string, default: plain-text } }\nplays:\n${play('- include: l\n  tags: [never]').replace(/^/gm, '  ')}`,
    'l.yaml': list('inner: { type: secret, default: within-a-list }', '- note: { value: 1 }'),
  }
  const secrets = new KnownSecrets()
  const given = { secrets, set: { pw: 'hunter2!' }, basics: { names: ['os'], known: new Map() } }
  expect(resolve(files, given)).toEqual([])
  learnParameters(load(files), worldOf(given), () => ['h1'])
  expect(secrets.mask('hunter2! within-a-list plain-text')).toBe('•••••••• •••••••• plain-text')
})
