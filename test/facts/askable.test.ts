import { describe, expect, it } from 'vitest'
import { askable, basicFacts } from '../../src/facts/askable.js'
import { factKinds } from '../../src/facts/index.js'

describe.each([...askable])('%s', (name, { example, subject, of }) => {
  it('is a kind of fact, and its example asks for what it says', () => {
    const word = example.slice(name.length + 1)
    expect(example).toBe(`${name}:${word}`)
    expect(word).toMatch(subject)
    const fact = of(word)
    expect(fact.key).toBe(example)
    expect(fact.kind).toBe(factKinds.get(name))
  })
})

it('a unit without a suffix is a service', () => { expect(askable.get('unit')?.of('nginx').key).toBe('unit:nginx.service') })
it('the basic facts can be asked for by name', () => { expect(basicFacts.filter(({ key, kind }) => askable.get(kind.name)?.of(key.slice(kind.name.length + 1)) === undefined)).toEqual([]) })
