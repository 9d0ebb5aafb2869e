import { describe, expect, it } from 'vitest'
import { ProvisionError } from '../src/core/errors.js'
import { factKinds } from '../src/facts/index.js'
import { fixturesOf } from './support/fixtures.js'

/** Captured output of a real system, and what is read from it. */
interface Captured {
  readonly system: string
  readonly command: string
  readonly subject: unknown
  /** The raw reply, for kinds that answer one line a subject. */
  readonly reply?: string
  /** What the one script said, for kinds that are asked one by one. */
  readonly answer?: { readonly stdout?: string; readonly stderr?: string; readonly exit?: number }
  readonly value?: unknown
  readonly fails?: string
}

const fixtures = fixturesOf<Captured>('test/facts')
const replyOf = ({ reply, answer }: Captured): string => reply ?? Buffer.from(`${answer?.stdout ?? ''}\0${answer?.exit ?? 0}\0${answer?.stderr ?? ''}`).toString('base64')

describe.each([...factKinds.values()].map((kind) => ({ name: kind.name, kind })))('$name', ({ name, kind }) => {
  const captured = fixtures.get(name) ?? []
  it('has captured output', () => expect(captured.length).toBeGreaterThan(0))
  it.each(captured.map(({ name: title, data }) => ({ title, data })))('$title', ({ data }) => {
    expect(data.system.length * data.command.length, 'where the output was captured').toBeGreaterThan(0)
    if (data.fails === undefined) expect(kind.parse(data.subject, replyOf(data))).toEqual(data.value)
    else {
      try {
        kind.parse(data.subject, replyOf(data))
        expect.unreachable('the reply was accepted')
      } catch (error) {
        expect(error).toBeInstanceOf(ProvisionError)
        expect((error as ProvisionError).code).toBe(data.fails)
      }
    }
  })
})

it('has no captured output of kinds that do not exist', () => {
  expect([...fixtures.keys()].filter((name) => !factKinds.has(name))).toEqual([])
})
