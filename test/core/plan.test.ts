import { describe, expect, it } from 'vitest'
import type { Change } from '../../src/core/change.js'
import { honours } from '../../src/core/plan.js'
import { Secret } from '../../src/core/secret.js'
import type { Verdict } from '../../src/core/verdict.js'

const change = (summary: string, more: Partial<Change> = {}): Change => ({ summary, actions: [{ do: 'exec', script: summary }], predicts: [], ...more })
const put = (content: string | Secret): Change => change('put', { actions: [{ do: 'put', path: '/a', content, mode: '0600', owner: 'root', group: 'root' }] })
const [a, b, c] = [change('a'), change('b'), change('c')]
const planned = (...changes: readonly Change[]): Verdict => ({ status: 'change', changes })

describe('honours', () => {
  it.each<[string, Verdict | undefined, readonly Change[]]>([
    ['what was agreed', planned(a, b, c), [a, b, c]],
    ['less, in the same order', planned(a, b, c), [a, c]],
    ['nothing', planned(a), []],
    ['nothing, where a failure was planned', { status: 'failed', error: { code: 'x', message: 'x' } }, []],
    ['anything, where the plan left it open', { status: 'deferred', until: 'later' }, [a, b]],
    ['anything, where nobody planned', undefined, [a]],
    ['the same thing twice, planned twice', planned(a, a), [a, a]],
    ['the same secret', planned(put(new Secret('x'))), [put(new Secret('x', 'shown otherwise'))]],
    ['a text that is known to be secret only on one side, shown otherwise', planned({ ...put(new Secret('x')), diff: { lines: [{ sign: '+', text: '••' }] } }), [{ ...put('x'), diff: { lines: [{ sign: '+', text: 'x' }] } }]],
    ['what is predicted and disturbed otherwise', planned(a), [change('a', { predicts: [{ fact: 'f', value: 1 }], disturbs: ['x'] })]],
  ])('accepts %s', (_what, verdict, changes) => expect(honours(verdict, changes)).toBe(true))

  it.each<[string, Verdict, readonly Change[]]>([
    ['more', planned(a), [a, b]],
    ['another order', planned(a, b), [b, a]],
    ['the same thing twice, planned once', planned(a), [a, a]],
    ['a change where none was planned', { status: 'ok' }, [a]],
    ['a change where it was to be skipped', { status: 'skipped', because: 'no' }, [a]],
    ['a change where a failure was planned', { status: 'failed', error: { code: 'x', message: 'x' } }, [a]],
    ['another secret that looks the same', planned(put(new Secret('x'))), [put(new Secret('y'))]],
    ['another text than the secret one', planned(put(new Secret('x'))), [put('y')]],
    ['another script under the same summary', planned(a), [change('a', { actions: [{ do: 'exec', script: 'rm' }] })]],
    ['another diff', planned(a), [change('a', { diff: { lines: [{ sign: '+', text: 'x' }] } })]],
    ['another validation', planned(put('x')), [change('put', { actions: [{ do: 'put', path: '/a', content: 'x', mode: '0600', owner: 'root', group: 'root', validate: 'true' }] })]],
  ])('refuses %s', (_what, verdict, changes) => expect(honours(verdict, changes)).toBe(false))
})
