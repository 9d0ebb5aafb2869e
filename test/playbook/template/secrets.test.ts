import { describe, expect, it } from 'vitest'
import { Secret } from '../../../src/core/secret.js'
import { ProvisionError } from '../../../src/core/errors.js'
import { evaluateCondition, interpolate } from '../../../src/playbook/template/interpolate.js'
import { filters } from '../../../src/playbook/template/filters.js'
import { mistake, place, rendered, scopeOf, textOf, valueOf } from './given.js'

const DOTS = '••••••••'
const variables = {
  password: new Secret('hunter2'), port: new Secret('8243'), key: new Secret('-----BEGIN\nabc\n-----END\n'), part: new Secret('user=hunter2', `user=${DOTS}`), none_yet: new Secret(''), db: new Secret('db1'),
  users: [{ name: 'root', password: new Secret('toor') }, { name: 'app', password: new Secret('hunter2') }], json: new Secret('{"user": "hunter2", "n": 5, "ok": true, "list": ["x"], "no": null}'), hosts: { db1: 'here' }, a_key: new Secret('a'),
}

const both = (value: unknown): readonly [string, string] => {
  if (!(value instanceof Secret)) throw new Error(`not a secret: ${JSON.stringify(value)}`)
  return [value.reveal(), value.shown]
}

describe('a secret in an expression', () => {
  it.each<readonly [string, string, string]>([
    ['password', 'hunter2', DOTS], ['part', 'user=hunter2', `user=${DOTS}`], ["'p=' ~ password", 'p=hunter2', `p=${DOTS}`], ["password + '!'", 'hunter2!', `${DOTS}!`], ['password | upper', 'HUNTER2', DOTS], ['password | hash', 'f3bbbd66a63d4bf1747940578ec3d0103530e21d', DOTS],
    ['password.length', '7', DOTS], ['password | length', '7', DOTS], ['port | int', '8243', DOTS], ['port + 1', '8244', DOTS], ['-port', '-8243', DOTS], ['password | to_toml', '"hunter2"', `"${DOTS}"`], ['password | to_json', '"hunter2"', `"${DOTS}"`], ['users | to_json', '[{"name":"root","password":"toor"},{"name":"app","password":"hunter2"}]', `[{"name":"root","password":"${DOTS}"},{"name":"app","password":"${DOTS}"}]`],
    ['users | to_nice_yaml', '- name: root\n  password: toor\n- name: app\n  password: hunter2\n', `- name: root\n  password: ${DOTS}\n- name: app\n  password: ${DOTS}\n`.replaceAll('    ', '  ')],
    ["password | password_hash('sha512', 'mysalt')", '$6$mysalt$mQjWsB8S4f6aS8qmo7aikVIjU/tbNmChOWSAQVyAl.H2WeQ/nznlFxhoSGgM2YD2fgoLMCQOuepD0JyySP1uR/', DOTS], ['part | comment', '#\n# user=hunter2\n#', `#\n# user=${DOTS}\n#`], ["users | groupby('name') | map('last') | map('first') | map(attribute='password') | first", 'hunter2', DOTS], ["{'a': password} | dictsort | first | last", 'hunter2', DOTS], ["['/etc', password] | path_join", '/etc/hunter2', DOTS],
    ["'a' | extract({'a': password})", 'hunter2', DOTS], ["'x' | regex_search(password) | default(password)", 'hunter2', DOTS], ["('https://u:' ~ password ~ '@h/') | urlsplit('password')", 'hunter2', DOTS], ["({'p': [password]} | combine({'p': ['a']}, list_merge='append')).p | first", 'hunter2', DOTS],
    ['part | quote', "'user=hunter2'", `'user=${DOTS}'`], ["users | map(attribute='password') | join(',')", 'toor,hunter2', `${DOTS},${DOTS}`], ["['a', password] | join(' ')", 'a hunter2', `a ${DOTS}`], ['key | indent(2)', '-----BEGIN\n  abc\n  -----END\n', `${DOTS}\n  ${DOTS}\n  ${DOTS}\n`], ["'x' | regex_replace('x', password)", 'hunter2', DOTS], ['password | string', 'hunter2', DOTS], ["missing | default(password)", 'hunter2', DOTS], ["password if 1 else ''", 'hunter2', DOTS], ['key', '-----BEGIN\nabc\n-----END\n', `${DOTS}\n${DOTS}\n${DOTS}\n`],
  ])('%s', (expression, value, shown) => {
    expect(both(valueOf(expression, variables))).toEqual([value, shown])
  })

  it.each<readonly [string, unknown]>([
    ["password == 'hunter2'", true], ['password == users[1].password', true], ["password != 'x'", true], ['password | length >= 5', true], ['port > 8000', true], ['port == 8243', true], ['password == 1', false], ['password != 8243', true], ["[password] == ['hunter2']", true], ['port is lt(9000)', true], ["{'a': 1}[a_key]", 1], ['8243 == port', true], ['password == 5', false], ["'hunt' in password", true], ['password in [1, password]', true], ['password is string', true], ["password is match('h')", true], ['password is defined', true], ['not none_yet', true], ["password and true", true], ["'yes' if password else 'no'", 'yes'],
    ['hosts[db]', 'here'], ['db in hosts', true], ['users | length', 2], ["users | map(attribute='name') | list", ['root', 'app']], ["users | selectattr('password', '==', 'toor') | map(attribute='name')", ['root']], ["users | selectattr('password') | map(attribute='name')", ['root', 'app']], ["'1' | bool", true],
  ])('%s tells no more than %s', (expression, gives) => {
    expect(valueOf(expression, variables)).toEqual(gives)
  })

  it('stays secret in lists and maps', () => {
    const parsed = valueOf('json | from_json', variables)
    expect(JSON.stringify(parsed)).toBe(`{"user":"${DOTS}","n":"${DOTS}","ok":true,"list":["${DOTS}"],"no":null}`)
    expect(valueOf('[password]', variables)).toEqual([variables.password])
    expect(valueOf("users | map(attribute='password') | sort(reverse=true) | first", variables)).toBe(variables.users[0]?.password)
    expect(JSON.stringify(valueOf("'a,b' | split(sep)", { sep: new Secret(',') }))).toBe(`["${DOTS}","${DOTS}"]`)
    expect(valueOf('[password, password] | unique | length', variables)).toBe(1)
    expect(valueOf("[p, 'A'] | sort", { p: new Secret('b') })).toEqual(['A', new Secret('b')])
  })

  it('never gives the secret away through a filter', () => {
    for (const { name, parameters } of filters) {
      for (const args of [[], ["'h'"], ["'h'", "'x'"]]) {
        if (args.length > parameters.length) continue
        let result: unknown
        try {
          result = valueOf(`password | ${name}(${args.join(', ')})`, variables)
        } catch (error) {
          expect(String(error)).not.toContain('hunter2')
          continue
        }
        expect(JSON.stringify(result), name).not.toMatch(/hunter2|HUNTER2|aHVudGVy/i)
      }
    }
  })

  it.each(["password | from_json", 'password | int', 'password | bool', 'hosts[password]', 'password.x', 'password - 1', "password < 1", '[password] | sum', "'a' | regex_search(password ~ '(')", 'password | b64decode', '{(password): 1}', 'password()', 'x[password]'])('does not cite it in a mistake: %s', (expression) => {
    const error = mistake(() => valueOf(expression, { ...variables, x: {} }))
    expect(`${error.message} ${error.hint} ${String(error.cause)} ${JSON.stringify(error.at)}`).not.toContain('hunter2')
  })

  it('keeps the place of an error that comes from elsewhere', () => {
    const elsewhere = { file: 'vault.yaml', line: 9, column: 1 }
    const fail = (at?: typeof elsewhere): ProvisionError => new ProvisionError('locked', 'the vault is locked', { hint: 'unlock it', output: 'out', ...(at === undefined ? {} : { at }) })
    const failing = (error: ProvisionError) => mistake(() => interpolate('{{ x }}', { host: 'h1', lookup: () => { throw error } }, place))
    expect(failing(fail(elsewhere)).at).toBe(elsewhere)
    expect(failing(fail())).toMatchObject({ code: 'locked', hint: 'unlock it', output: 'out', at: { line: 3, column: 10 } })
    expect(failing(new ProvisionError('locked', 'the vault is locked')).hint).toBeUndefined()
  })

  it('is no condition', () => {
    expect(mistake(() => evaluateCondition('password', scopeOf(variables), place)).message).toBe('the condition gives a secret, neither true nor false')
    expect(evaluateCondition('password is defined', scopeOf(variables), place)).toBe(true)
  })
})

describe('text with a secret', () => {
  it('shows dots in its place, on each of its lines', () => {
    expect(both(textOf('user root, password {{ password }}.', variables))).toEqual(['user root, password hunter2.', `user root, password ${DOTS}.`])
    expect(both(rendered('a\n{{ key }}b\n', variables))).toEqual(['a\n-----BEGIN\nabc\n-----END\nb\n', `a\n${DOTS}\n${DOTS}\n${DOTS}\nb\n`])
    expect(both(rendered('{% set p %}[{{ password }}]{% endset %}{{ p }}', variables))).toEqual(['[hunter2]', `[${DOTS}]`])
    expect(both(rendered('{% macro m(p) %}<{{ p }}>{% endmacro %}{{ m(password) }}', variables))).toEqual(['<hunter2>', `<${DOTS}>`])
    expect(both(rendered('{% filter upper %}{{ password }}{% endfilter %}', variables))).toEqual(['HUNTER2', DOTS])
  })

  it('is plain when no secret is used', () => {
    expect(rendered('{% if password %}set{% endif %}', variables)).toBe('set')
  })
})
