import { describe, expect, it } from 'vitest'
import type { Block, Part, Step } from '../../src/core/step.js'
import { UnknownValue } from '../../src/core/unknown.js'
import { validate } from '../../src/engine/validate.js'
import { noController, play, step } from '../support/engine.js'

const claim = (that: boolean, more: Partial<Step> = {}): Step => step('claim', 'assert', { that, message: 'it does not hold', hint: 'mend it' }, more)
const block = (parts: Partial<Block>): Block => ({ name: 'block', place: { file: 'test.yaml', line: 1, column: 1 }, block: [], rescue: [], always: [], bind: () => ({ rounds: [{ around: {} }] }), ...parts })
const told = async (parts: readonly Part[], hosts = ['here']): Promise<readonly string[]> => (await validate([play(parts, hosts)], noController)).map(({ code, hint, exit }) => `${code} ${hint} ${exit}`)

describe('an assertion about values alone', () => {
  it.each<[string, readonly Part[], number]>([
    ['that holds is no mistake', [claim(true)], 0],
    ['that does not hold is a mistake of the files', [claim(false)], 1],
    ['in a block is looked at', [block({ block: [claim(false)], always: [claim(false)] })], 2],
    ['whose failure is taken up is left to the run', [block({ block: [claim(false)], rescue: [claim(false)] })], 0],
    ['that is done in any case is looked at', [block({ block: [claim(true)], rescue: [claim(true)], always: [claim(false)] })], 1],
    ['whose failure is let pass is left to the run', [claim(false, { ignoreFailure: true })], 0],
    ['that is skipped is none', [claim(false, { bind: () => ({ skipped: 'not so: x' }) })], 0],
    ['that waits for a value is left to the run', [claim(false, { bind: () => { throw new UnknownValue('x') } })], 0],
    ['is not what stops on purpose', [step('stop', 'fail', { message: 'here' })], 0],
    ['of a fact is left to the run', [step('there', 'file', { path: '/nowhere/file' })], 0],
  ])('%s', async (_what, parts, count) => { expect(await told(parts)).toEqual(Array<string>(count).fill('assertion-failed mend it 2')) })

  it('is told once for all hosts', async () => { expect(await told([claim(false)], ['here', 'there'])).toHaveLength(1) })
})
