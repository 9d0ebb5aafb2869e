import { Parser, type Node } from 'commonmark'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { visible } from '../../src/core/printable.js'
import { code } from '../../src/report/markdown.js'
import { planFileAsMarkdown } from '../../src/report/plan-file-markdown.js'
import { filed, filedChange, hostile, planFileOf, saying } from './given-plan-file.js'

/** What the reference implementation of CommonMark makes of a text. */
const nodesOf = (text: string): readonly Node[] => {
  const nodes: Node[] = []
  const walker = new Parser().parse(text).walker()
  for (let event = walker.next(); event !== null; event = walker.next()) if (event.entering) nodes.push(event.node)
  return nodes
}
/** How the document is built, without what stands in it. */
const shapeOf = (text: string): readonly string[] => nodesOf(text).map(({ type, literal }) => (type === 'text' ? `text ${literal ?? ''}` : type === 'html_block' ? `html ${literal?.replace(/<code>[^<>]*<\/code>/g, '<code>') ?? ''}` : type))

describe('a plan as Markdown', () => {
  it('says its class first, then what is not known with its commands, then the rest', () => {
    const text = planFileAsMarkdown(planFileOf([
      filed('web1', 'unit', { verdict: 'change', changes: [filedChange('update /etc/x', ['- old', '+ new'])], risks: ['secret'] }),
      filed('web1', 'restart', { verdict: 'change', module: 'restart', needs: ['unit:web.service'], changes: [filedChange('restart web.service')], risks: ['restart'] }),
      filed('web1', 'load', { verdict: 'change', changes: [filedChange('load schema.sql')], risks: ['data', 'irreversible'] }),
      filed('web2', 'gate', { verdict: 'deferred', 'known-after': 'restart', arguments: { run: 'curl -f localhost\n' } }),
      filed('web2', 'fine'),
    ], { ticket: 'CHG-1' }))
    expect(text).toMatch(/^\*\*bounded: 1 of 5 steps is not known before it is done\*\*\n/)
    expect([...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title)).toEqual(['Not known before it is done', 'Risks', 'Availability', 'Hosts', 'Changes', 'Back-out', 'What cannot be undone'])
    expect(text).toContain('- **deferred** `web2` `gate` waits for `restart`\n\n```\ncurl -f localhost\n```\n')
    expect(text).toContain('- **irreversible**, 1 step: it cannot be taken back by the program\n')
    expect(text).toContain('- `web.service` on `web1`: **It is down on the only host of this plan with it.** Fewest in `Nodes`: without `web1`.\n\nAssumed: ')
    expect(text).toContain('- `web2`: 0 change, 1 deferred, 1 ok, 0 skipped')
    expect(text).toContain('<details>\n<summary><code>web1</code> <code>unit</code>: <code>update /etc/x</code> [secret]</summary>\n\n```diff\n- old\n+ new\n```\n')
    expect(text).toContain('- **change** `web1` `load`: it cannot be taken back by the program\n')
    expect(text.indexOf('`undo load schema.sql`', text.indexOf('## Back-out'))).toBeLessThan(text.indexOf('`undo update /etc/x`', text.indexOf('## Back-out')))
  })

  it('says of an exact plan that nothing is left open', () => {
    expect(planFileAsMarkdown(planFileOf([filed('web1', 'fine')]))).toMatch(/^\*\*exact: each of 1 step is decided\*\*\n(?!.*## (?!Hosts))/s)
    expect(planFileAsMarkdown(planFileOf([filed('web1', 'unit', { verdict: 'change', changes: [filedChange('create /etc/x')] })]))).toContain('Nothing: each step that changes something has a way back.')
  })

  it('folds long differences, and shows all of them when it is asked to', () => {
    const file = planFileOf([filed('web1', 'unit', { verdict: 'change', changes: [filedChange('update /etc/x', Array.from({ length: 100 }, (_, line) => `+ ${line}`))] })])
    expect(planFileAsMarkdown(file)).toContain('```\n\n40 more lines: `provision show FILE --md --diff`')
    expect(planFileAsMarkdown(file, { diff: true })).toContain('+ 99\n```\n')
  })

  const shape = shapeOf(planFileAsMarkdown(saying('plain')))
  it.each(hostile)('is built alike whatever stands in it: %j', (text) => {
    expect(shapeOf(planFileAsMarkdown(saying(text)))).toEqual(shape)
  })

  it('is built alike for any text', () => {
    const sign = fc.constantFrom(...'`~<>&|*_[]()!#@-+\\"\'\n\t $/a1', '```', '</', '<!--', '\n\n', '\u202e', '\u001b[2J')
    fc.assert(fc.property(fc.array(sign, { minLength: 1, maxLength: 12 }).map((signs) => signs.join('')), (text) => {
      expect(shapeOf(planFileAsMarkdown(saying(text)))).toEqual(shape)
      const [span] = nodesOf(code(text)).filter(({ type }) => type === 'code')
      expect(span?.literal?.trim()).toBe(visible(text).replace(/[\n\t]/g, ' ').trim())
    }))
  })
})
