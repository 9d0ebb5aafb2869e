import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { argumentsOf } from '../../src/reference/arguments.js'

const rows = (schema: z.ZodType, shallow: readonly string[] = []): string[] =>
  argumentsOf(schema, shallow).map(({ name, type, required, default: otherwise, description }) => [name, type, required ? 'required' : otherwise ?? '', description].join(' | '))

const server = z.strictObject({ type: z.enum(['a', 'b']).describe('Kind.'), port: z.int().min(1).max(65535).optional().describe('Port.') })

describe('arguments of a schema', () => {
  it('tells type, need, default and description', () => {
    expect(rows(z.strictObject({
      path: z.string().describe('Where.'),
      state: z.enum(['present', 'absent']).default('present').describe('Whether.'),
      days: z.int().min(1).default(30).describe('How long.'),
      wait: z.number().positive().optional().describe('Seconds.'),
      gone: z.literal(true).optional().describe('Gone.'),
      groups: z.array(z.string()).default([]).describe('Groups.'),
      empty: z.string().default('').describe('Nothing.'),
    }))).toEqual([
      'path | text | required | Where.',
      'state | present or absent | present | Whether.',
      'days | whole number from 1 | 30 | How long.',
      'wait | number above 0 |  | Seconds.',
      'gone | true |  | Gone.',
      'groups | list of text | [] | Groups.',
      'empty | text | "" | Nothing.',
    ])
  })

  it('tells what lies in maps and lists', () => {
    expect(rows(z.strictObject({
      server: server.describe('Server.'),
      entries: z.array(server).describe('Entries.'),
      headers: z.record(z.string(), z.string()).describe('Headers.'),
      hosts: z.record(z.string(), server).describe('Hosts.'),
    }))).toEqual([
      'server | map | required | Server.', 'server.type | a or b | required | Kind.', 'server.port | whole number 1–65535 |  | Port.',
      'entries | list of map | required | Entries.', 'entries[].type | a or b | required | Kind.', 'entries[].port | whole number 1–65535 |  | Port.',
      'headers | map of text | required | Headers.',
      'hosts | map of map | required | Hosts.', 'hosts.NAME.type | a or b | required | Kind.', 'hosts.NAME.port | whole number 1–65535 |  | Port.',
    ])
  })

  it('tells one thing or a list of them once', () => {
    expect(rows(z.strictObject({ on: z.union([server, z.array(server)]).describe('Where.') }))).toEqual([
      'on | map or list of map | required | Where.', 'on.type | a or b | required | Kind.', 'on.port | whole number 1–65535 |  | Port.',
    ])
  })

  it('tells the forms of a map, and what is needed in all of them', () => {
    expect(rows(z.strictObject({ script: z.union([
      z.strictObject({ of: z.string().describe('Of.'), entry: z.string().describe('Entry.') }), z.strictObject({ of: z.string().describe('Of.'), src: z.string().optional().describe('File.') }),
    ]).describe('Script.') }))).toEqual([
      'script | map with of, entry or map with of, src? | required | Script.',
      'script.of | text | required | Of.', 'script.entry | text |  | Entry.', 'script.src | text |  | File.',
    ])
  })

  it('leaves out what is told elsewhere', () => {
    expect(rows(z.strictObject({ steps: z.array(server).describe('Steps.') }), ['steps'])).toEqual(['steps | list of map | required | Steps.'])
  })

  it('takes a schema that JSON Schema cannot say for anything', () => {
    expect(rows(z.strictObject({ value: z.custom<Date>(() => true).describe('A value.') }))).toEqual(['value | anything | required | A value.'])
  })
})
