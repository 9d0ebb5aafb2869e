import { expect, it } from 'vitest'
import { exitCode, ProvisionError } from '../../src/core/errors.js'
import { briefly, list, play, resolve, values, type Given } from './given.js'

const given: Given = { product: (name, at) => {
  if (name === 'esb') return { title: 'Bus', ports: { http: { base: 8280 } } }
  throw new ProvisionError('no-product', `there is no product "${name}"`, { exit: exitCode.input, at })
} }
const bus = list('product: { type: product }', '- note: { content: "{{ product.title }}", value: "{{ product.ports.http.base + 1 }}" }')

it('a parameter that is a product becomes its description, and is handed on as that', () => {
  const outer = list('product: { type: product, default: esb }', '- include: bus\n  with: { product: "{{ product }}" }')
  expect(values({ 'site.yaml': play('- include: bus\n  with: { product: esb }\n- include: outer'), 'bus.yaml': bus, 'outer.yaml': outer }, given)).toEqual([{ content: 'Bus', value: 8281 }, { content: 'Bus', value: 8281 }])
})

it('a product that there is not is told where it is named', () => {
  expect(briefly(() => resolve({ 'site.yaml': play('- include: bus\n  with: { product: bus }'), 'bus.yaml': bus }, given)[0]?.steps.map((step) => 'bind' in step && step.bind('h1', new Map())))).toEqual(['site.yaml:5 no-product: there is no product "bus"'])
})

it('so does a parameter that is a type of database', () => {
  const database: Given = { database: (name) => ({ title: name, port: 3306 }) }
  const step = list('kind: { type: database }', '- note: { content: "{{ kind.title }}", value: "{{ kind.port }}" }')
  expect(values({ 'site.yaml': play('- include: base\n  with: { kind: mariadb }'), 'base.yaml': step }, database)).toEqual([{ content: 'mariadb', value: 3306 }])
})
