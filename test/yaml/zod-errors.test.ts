import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { parseYaml } from '../../src/yaml/document.js'
import { checkYaml, zodErrors } from '../../src/yaml/zod-errors.js'
import { mistakesOf } from './mistakes.js'

const schema = z.strictObject({
  service: z.strictObject({
    state: z.enum(['started', 'stopped']),
    port: z.int().min(1).max(65535).optional(),
    enabled: z.boolean().optional(),
    'mode': z.string().regex(/^0[0-7]{3}$/, 'a mode is four octal digits').optional(),
    tags: z.array(z.string()).min(1).optional(),
    become: z.union([z.literal(false), z.strictObject({ user: z.string() })]).optional(),
    source: z.discriminatedUnion('kind', [z.strictObject({ kind: z.literal('file'), path: z.string() }), z.strictObject({ kind: z.literal('url'), url: z.string() })]).optional(),
    vars: z.record(z.string().regex(/^[a-z_]+$/, 'a variable is written in snake_case'), z.unknown()).optional(),
  }).refine((service) => service.port !== 80, { error: 'port 80 is taken', path: ['port'], params: { code: 'port-taken', hint: 'choose another' } }),
})
const mistakes = (text: string) => mistakesOf(() => checkYaml(parseYaml(text, 'site.yaml'), schema))

describe('issues of zod, as errors of the file', () => {
  it.each([
    ['servce:\n  state: started\n', ['1:1 missing-key: "service" is missing', '1:1 unknown-key: unknown key "servce" (did you mean "service"?)']],
    ['service:\n  state: startd\n', ['2:10 wrong-value: "state" must be one of started, stopped, but is "startd" (did you mean "started"?)']],
    ['service:\n  state: 7\n', ['2:10 wrong-value: "state" must be one of started, stopped, but is the number 7']],
    ['service:\n  port: 22\n', ['1:1 missing-key: "state" is missing (one of started, stopped)']],
    ['service:\n  state: started\n  prot: 22\n', ['3:3 unknown-key: unknown key "prot" (did you mean "port"?)']],
    ['service:\n  state: started\n  whatever: 22\n', ['3:3 unknown-key: unknown key "whatever" (known here: port, enabled, mode, tags, become, source, vars)']],
    ['service: {state: started, port: "22"}', ['1:33 wrong-value: "port" must be a number, but is "22" (write 22, without quotes)']],
    ['service: {state: started, port: 0}', ['1:33 wrong-value: "port" must be at least 1']],
    ['service: {state: started, port: 2.5}', ['1:33 wrong-value: "port" must be a whole number, but is the number 2.5']],
    ['service: {state: started, enabled: yes}', ['1:36 wrong-value: "enabled" must be true or false, but is "yes" (write true)']],
    ['service: {state: started, enabled: host.memory >= 4}', ['1:36 wrong-value: "enabled" must be true or false, but is "host.memory >= 4" (an expression stands in braces: "{{ host.memory >= 4 }}")']],
    ['service: {state: started, enabled: [a is defined, a or b]}', ['1:36 wrong-value: "enabled" must be true or false, but is a list (an expression stands in braces: "{{ a is defined and (a or b) }}")']],
    ["service: {state: started, enabled: 'a == \"b\"'}", ['1:36 wrong-value: "enabled" must be true or false, but is "a == "b"" (an expression stands in braces: \'{{ a == "b" }}\')']],
    ['service: {state: started, enabled: perhaps}', ['1:36 wrong-value: "enabled" must be true or false, but is "perhaps"']],
    ['service: {state: started, mode: 644}', ["1:33 wrong-value: \"mode\" must be text, but is the number 644 (write '0644')"]],
    ["service: {state: started, mode: '999'}", ['1:33 wrong-value: a mode is four octal digits']],
    ['service:\n  state: started\n  mode:\n', ['3:3 wrong-value: "mode" must be text, but is empty (write a value, or take the line away)']],
    ['service: {state: started, tags: [a, 2]}', ["1:37 wrong-value: item 2 of \"tags\" must be text, but is the number 2 (write '2')"]],
    ['service: {state: started, tags: []}', ['1:33 wrong-value: "tags" must have at least 1 item']],
    ['service: {state: started, become: 7}', ['1:35 wrong-value: "become" must be false or a map, but is the number 7']],
    ['service: {state: started, become: {usr: x}}', ['1:35 missing-key: "user" is missing', '1:36 unknown-key: unknown key "usr" (did you mean "user"?)'].map((line) => line.replace('1:35 missing', '1:27 missing'))],
    ['service: {state: started, source: {kind: fil}}', ['1:42 wrong-value: "kind" must be one of file, url, but is "fil" (did you mean "file"?)']],
    ['service: {state: started, source: {kind: url, path: x}}', ['1:27 missing-key: "url" is missing', '1:47 unknown-key: unknown key "path" (known here: url)']],
    ['service: {state: started, vars: {a-b: 1}}', ['1:34 wrong-key: a variable is written in snake_case']],
    ['service: {state: started, port: 80}', ['1:33 port-taken: port 80 is taken (choose another)']],
    ['- a', ['1:1 wrong-value: this file must be a map, but is a list']],
    ['', ['1:1 wrong-value: this file must be a map, but is empty (write a value, or take the line away)']],
  ])('%j', (text, expected) => {
    expect(mistakes(text)).toEqual(expected)
  })

  it('stand in the order of the file, from any base, with exit 2', () => {
    const document = parseYaml('plays:\n  - b: 1\n    a: 2\n', 'site.yaml')
    const play = z.strictObject({ a: z.string(), b: z.string() })
    const result = play.safeParse({ a: 2, b: 1 })
    const errors = zodErrors(document, result.error?.issues ?? [], { base: ['plays', 0], schema: play })
    expect(errors.map(({ at }) => [at?.line, at?.column, at?.text])).toEqual([[2, 8, '  - b: 1'], [3, 8, '    a: 2']])
    expect(errors.map(({ exit }) => exit)).toEqual([2, 2])
  })

  it('are none for what fits, and the parsed value comes back', () => {
    expect(checkYaml(parseYaml('a:\n  port: 1\n', 'x.yaml'), z.object({ port: z.int().default(22) }), { base: ['a'] })).toEqual({ port: 1 })
  })
})
