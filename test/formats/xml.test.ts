import { Node } from '@xmldom/xmldom'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { reveal, Secret, shown, type Text } from '../../src/core/secret.js'
import { parseXml, selectXml } from '../../src/formats/xml.js'
import { editXml, type XmlEdit } from '../../src/formats/xml-edit.js'

type Given = Partial<XmlEdit> & { readonly xpath: string }
const edited = (text: Text, ...edits: readonly Given[]): Text => editXml(text, edits.map((edit) => ({ state: 'present', all: false, uncomment: false, ...edit })), '/etc/x.xml')
const codeOf = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (error) {
    return (error as { code?: unknown }).code
  }
}

describe('values', () => {
  it.each<[string, string, Given, string]>([
    ['a text', '<a>\n  <b>x</b> </a>', { xpath: '/a/b', value: 'y<' }, '<a>\n  <b>y&lt;</b> </a>'],
    ['an element without an end tag', '<a><b /></a>', { xpath: '/a/b', value: 'y' }, '<a><b>y</b></a>'],
    ['a text that becomes empty', '<a><b>x</b></a>', { xpath: '/a/b', value: '' }, '<a><b></b></a>'],
    ['a text in CDATA', '<a><![CDATA[<x>]]></a>', { xpath: '/a', value: 'y' }, '<a>y</a>'],
    ['a text beside a comment', '<a><!-- one --> x <!-- two --></a>', { xpath: '/a', value: 'y' }, '<a><!-- one -->y<!-- two --></a>'],
    ['no text beside a comment', '<a><!-- one --></a>', { xpath: '/a', value: 'y' }, '<a><!-- one -->y</a>'],
    ['an attribute in its quotes', `<a x = 'p"q' y="2"/>`, { xpath: '/a/@x', value: `r"s't` }, `<a x = 'r"s&apos;t' y="2"/>`],
    ['an attribute of a name that others end with', '<a data-x="1" x="2"/>', { xpath: '/a', attribute: 'x', value: '3' }, '<a data-x="1" x="3"/>'],
    ['a new attribute on a line of its own', '<a x="1"\n   y="2">z</a>', { xpath: '/a', attribute: 'w', value: '\n' }, '<a x="1"\n   y="2"\n   w="&#10;">z</a>'],
    ['a declaration of a namespace', '<a/>', { xpath: '/a', attribute: 'xmlns:p', value: 'http://p' }, '<a xmlns:p="http://p"/>'],
    ['an attribute with a prefix', '<a xmlns:p="http://p"><b/></a>', { xpath: '//b', attribute: 'p:c', value: '1' }, '<a xmlns:p="http://p"><b p:c="1"/></a>'],
    ['every match', '<a><b/><b>1</b></a>', { xpath: '//b', value: '2', all: true }, '<a><b>2</b><b>2</b></a>'],
    ['a file that begins with a byte order mark', '\uFEFF<a>\n <b/></a>', { xpath: '/a/b', value: '2' }, '\uFEFF<a>\n <b>2</b></a>'],
    ['a file with a document type', '<!DOCTYPE a [ <!-- <a>1</a> --> ]>\n<?go <a> ?><a>1</a>', { xpath: '/a', value: '2' }, '<!DOCTYPE a [ <!-- <a>1</a> --> ]>\n<?go <a> ?><a>2</a>'],
  ])('sets %s', (_title, before, edit, after) => {
    expect(edited(before, edit)).toBe(after)
    expect(edited(after, edit)).toBe(after)
  })
})

describe('children', () => {
  const list = '<a>\n\t<b>\n\t\t<c>1</c> <!-- one -->\n\t\t<d/>\n\t</b>\n</a>\n'
  it.each<[string, string, Given, string]>([
    ['at the end', list, { xpath: '/a/b', child: '<c>2</c>' }, list.replace('<d/>', '<d/>\n\t\t<c>2</c>')],
    ['after another and what is said of it', list, { xpath: '/a/b', child: '<c>2</c>', after: 'c' }, list.replace('<!-- one -->', '<!-- one -->\n\t\t<c>2</c>')],
    ['before another', list, { xpath: '/a/b', child: '<c>\n  <x/>\n</c>', before: 'c' }, list.replace('<c>1', '<c>\n\t\t  <x/>\n\t\t</c>\n\t\t<c>1')],
    ['in place of another', list, { xpath: '/a/b', child: '<c>\n  <x/>\n</c>', match: 'c' }, list.replace('<c>1</c>', '<c>\n\t\t  <x/>\n\t\t</c>')],
    ['in an empty element', list, { xpath: '/a/b/d', child: '<x/>' }, list.replace('<d/>', '<d>\n\t\t\t<x/>\n\t\t</d>')],
    ['with the line ends of the file', '<a>\r\n  <b/>\r\n</a>\r\n', { xpath: '/a', child: '<c>\n  <d/>\n</c>' }, '<a>\r\n  <b/>\r\n  <c>\r\n    <d/>\r\n  </c>\r\n</a>\r\n'],
    ['on the same line', '<a><b/></a>', { xpath: '/a', child: '<c/>', after: 'b' }, '<a><b/><c/></a>'],
    ['as the content', list, { xpath: '/a/b', content: '<x/>\n<y/>' }, '<a>\n\t<b>\n\t\t<x/>\n\t\t<y/>\n\t</b>\n</a>\n'],
    ['as content without elements', list, { xpath: '/a/b', content: ' words ' }, '<a>\n\t<b>words</b>\n</a>\n'],
    ['behind nothing but a comment', '<a>\n  <!-- none -->\n</a>', { xpath: '/a', child: '<c/>' }, '<a>\n  <!-- none -->\n  <c/>\n</a>'],
  ])('are put %s', (_title, before, edit, after) => {
    expect(edited(before, edit)).toBe(after)
    expect(edited(after, edit)).toBe(after)
  })
})

describe('removal and comments', () => {
  it.each<[string, string, Given, string]>([
    ['a line', '<a>\n  <b/>\n  <c/>\n</a>', { xpath: '//b', state: 'absent' }, '<a>\n  <c/>\n</a>'],
    ['a part of a line', '<a><b/><c/></a>', { xpath: '//b', state: 'absent' }, '<a><c/></a>'],
    ['what stands within another match once', '<a><b><b/></b></a>', { xpath: '//b', state: 'absent', all: true }, '<a></a>'],
    ['an attribute', '<a x="1" y="2"/>', { xpath: '/a/@x', state: 'absent' }, '<a y="2"/>'],
    ['an attribute that is not there', '<a y="2"/>', { xpath: '/a', attribute: 'x', state: 'absent' }, '<a y="2"/>'],
    ['a comment', '<a>\n  <!-- x -->\n</a>', { xpath: '/a/comment()', state: 'absent' }, '<a>\n</a>'],
    ['what is made a comment', '<a>\n  <b>\n  </b>\n</a>', { xpath: '//b', state: 'commented' }, '<a>\n  <!-- <b>\n  </b> -->\n</a>'],
    ['the marks of a comment', '<a>\n  <!-- <b>\n  </b> -->\n</a>', { xpath: '//b', uncomment: true }, '<a>\n  <b>\n  </b>\n</a>'],
    ['marks around a name', '<a><!--b x="1"/--></a>', { xpath: '//b', uncomment: true }, '<a><b x="1"/></a>'],
    ['marks, but not words', '<a>\n  <!-- use\n    <b/>\n  or not -->\n</a>', { xpath: '//b', uncomment: true }, '<a>\n  <!-- use -->\n  <b/>\n  <!-- or not -->\n</a>'],
  ])('takes away %s', (_title, before, edit, after) => {
    expect(edited(before, edit)).toBe(after)
    expect(edited(after, edit)).toBe(after)
  })
})

describe('mistakes', () => {
  it.each<[string, string, Given]>([
    ['malformed', '<a>\n<b></a>', { xpath: '/a', value: '1' }],
    ['malformed', '<a x="1" x="2"/>', { xpath: '/a', value: '1' }],
    ['no-match', '<a/>', { xpath: '/b', value: '1' }],
    ['no-match', '<a/>', { xpath: '/a', child: '<c/>', after: 'b' }],
    ['no-match', '<a/>', { xpath: '//b', uncomment: true }],
    ['no-match', '<a/>', { xpath: '//b', state: 'commented' }],
    ['several-matches', '<a><b/><b/></a>', { xpath: '//b', value: '1' }],
    ['several-matches', '<a><b/><b/></a>', { xpath: '/a', child: '<b>1</b>', match: 'b' }],
    ['several-matches', '<a><!-- <b/> --><!-- <b/> --></a>', { xpath: '//b', uncomment: true }],
    ['has-children', '<a><b/></a>', { xpath: '/a', value: '1' }],
    ['not-an-element', '<a>1</a>', { xpath: '/a/text()', value: '2' }],
    ['not-an-element', '<a x="1"/>', { xpath: '/a/@x', child: '<b/>' }],
    ['bad-xpath', '<a/>', { xpath: '/a[', value: '1' }],
    ['bad-xpath', '<a/>', { xpath: '/p:a', value: '1' }],
    ['bad-xpath', '<a/>', { xpath: 'count(/a)', value: '1' }],
    ['malformed-edit', '<a/>', { xpath: '/a', child: '<b>' }],
    ['malformed-edit', '<a/>', { xpath: '/a', child: '<b/><c/>' }],
    ['undeclared-prefix', '<a/>', { xpath: '/a', attribute: 'p:x', value: '1' }],
    ['cannot-remove', '<a/>', { xpath: '/a', state: 'absent' }],
    ['cannot-comment', '<a><b><!-- x --></b></a>', { xpath: '//b', state: 'commented' }],
    ['edit-went-wrong', '<a/>', { xpath: '/a', value: '\u0001' }],
    ['edit-went-wrong', '<a><b/></a>', { xpath: '/a', attribute: 'xmlns', value: 'http://a' }],
  ])('%s: %s %j', (code, text, edit) => {
    expect(codeOf(() => edited(text, edit))).toBe(code)
  })

  it.each([
    ['of its own', '<!DOCTYPE r [<!ENTITY a "b">]>\n<r>&a;</r>'], ['of a file', '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>\n<r>&a;</r>'], ['of a DTD that is elsewhere', '<!DOCTYPE r SYSTEM "r.dtd">\n<r>&a;</r>'],
  ])('tell that an entity %s is not supported, and read nothing', (_title, content) => {
    expect(() => edited(content, { xpath: '/r', value: 'x' })).toThrow('entities declared in a DOCTYPE are not supported: /etc/x.xml uses one in line 2, column 6')
  })

  it('leave a DOCTYPE as it is, and an entity that nothing declares is a mistake of the file', () => {
    const doctype = '<!DOCTYPE r [<!ENTITY a "b">]>\n'
    expect(edited(`${doctype}<r>y</r>`, { xpath: '/r', value: 'x' })).toBe(`${doctype}<r>x</r>`)
    expect(() => edited('<r>&a;</r>', { xpath: '/r', value: 'x' })).toThrow('/etc/x.xml is not well-formed XML: line 1, column 6: undefined entity')
  })

  it('tell line and column of a malformed file', () => {
    expect(() => edited('<a>\n  <b></c>\n</a>', { xpath: '/a', value: '' })).toThrow('/etc/x.xml is not well-formed XML: line 2, column 9: unexpected close tag')
  })

  it('say what to do about a default namespace, and about what stands in a comment', () => {
    const hint = (text: string): unknown => {
      try {
        return edited(text, { xpath: '/a/b', value: '' })
      } catch (error) {
        return (error as { hint?: unknown }).hint
      }
    }
    expect(hint('<a xmlns="http://a"><b/></a>')).toContain('namespaces: { x: http://a }')
    expect(hint('<a><!-- <b/> --></a>')).toContain('uncomment: true')
  })
})

describe('places', () => {
  it('are known in the order of the document, and never found by walking', () => {
    const { document } = parseXml('<a x="1"><b y="2" z="3"/>t<!-- c --><b/></a>', 'it')
    const walk = vi.spyOn(Node.prototype, 'compareDocumentPosition')
    expect(selectXml(document, '//@* | //b | //comment() | //text() | /a', {}).map(({ nodeName }) => nodeName)).toEqual(['a', 'x', 'b', 'y', 'z', '#text', '#comment', 'b'])
    expect(walk).not.toHaveBeenCalled()
    walk.mockRestore()
  })
})

describe('laws', () => {
  const words = fc.stringMatching(/^[a-z&<>"' é\t\n]{0,12}$/)
  const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const tree = fc.letrec<{ node: string }>((tie) => ({
    node: fc.tuple(fc.constantFrom('b', 'c'), fc.array(fc.oneof({ maxDepth: 3 }, fc.constantFrom('\n  ', '<!-- <b>x</b> -->', '<?p <b> ?>', ' '), words.map(escaped), tie('node')), { maxLength: 4 }))
      .map(([name, parts]) => (parts.length === 0 ? `<${name} x='1' />` : `<${name}>${parts.join('')}</${name}>`)),
  })).node.map((inner) => `<a>${inner}<end>old</end>${inner}</a>`)

  it('a text and an attribute come out as they went in, and all else stays', () => {
    fc.assert(fc.property(tree, words, words, (text, value, attribute) => {
      const edits: Given[] = [{ xpath: '/a/end', value }, { xpath: '/a/end', attribute: 'y', value: attribute }]
      const after = reveal(edited(text, ...edits))
      const { document } = parseXml(after, 'it')
      const [end] = selectXml(document, '/a/end', {})
      expect(end?.textContent).toBe(value)
      expect(selectXml(document, '/a/end/@y', {})[0]?.nodeValue).toBe(attribute)
      const [head = '', tail = ''] = text.split('<end>old</end>')
      expect(after.startsWith(`${head}<end`) && after.endsWith(`</end>${tail}`)).toBe(true)
      expect(edited(after, ...edits)).toBe(after)
    }))
  })

  it('what is secret shows as dots, and nothing else does', () => {
    const after = edited('<a>\n  <b>1</b>\n  <c>2</c>\n</a>', { xpath: '//b', value: new Secret('p&q') }, { xpath: '//c', value: '3' })
    expect(reveal(after)).toBe('<a>\n  <b>p&amp;q</b>\n  <c>3</c>\n</a>')
    expect(shown(after)).toBe('<a>\n  <b>••••••••</b>\n  <c>3</c>\n</a>')
  })
})
