import { z } from 'zod'
import { defineModule } from '../core/module.js'
import { editXml } from '../formats/xml-edit.js'
import { text, writtenText } from './arguments.js'
import { editedFile, editWhole } from './edited-text.js'
import { file, mayAlter } from './file.js'

const xpath = z.string().regex(/\S/, 'expected an XPath')

const edit = z.strictObject({
  xpath: xpath.describe('XPath 1.0 of the element or attribute. One that matches nothing, or several places without `all`, fails the step.'),
  value: writtenText.optional().describe('The text of the element or attribute. Left alone when unset.'),
  attribute: z.string().regex(/^[^\s<>"'/=&]+$/, 'expected the name of an attribute').optional().describe('The attribute of the element that `value` is for, made if it is missing; with `absent` the one to remove.'),
  child: text.optional().describe('One element as XML text that must be among the children. It is compared without regard to white space, and put in with the indentation of the file.'),
  match: xpath.optional().describe('With `child`: an XPath from the parent for the child that this one takes the place of. Only an equal one counts when unset.'),
  before: xpath.optional().describe('With `child`: an XPath from the parent; a new child comes before the first match. At the end when unset.'),
  after: xpath.optional().describe('With `child`: an XPath from the parent; a new child comes after the last match.'),
  content: text.optional().describe('All that the element holds, as XML text, compared without regard to white space. Left alone when unset.'),
  uncomment: z.boolean().default(false).describe('Where nothing matches, the comment that holds it is opened first; words in it stay a comment.'),
  state: z.enum(['present', 'absent', 'commented']).default('present').describe('Whether what matches is there. `absent` removes it, `commented` makes it a comment.'),
  all: z.boolean().default(false).describe('Whether the edit is for every match, rather than for the only one.'),
}).superRefine((args, context) => {
  const { value, attribute, child, content, state, uncomment, match, before, after } = args
  const mistake = (key: keyof typeof args, message: string): void => { context.addIssue({ code: 'custom', path: [key], message }) }
  const said = [value, child, content].filter((one) => one !== undefined).length
  if (said > 1) mistake('xpath', 'give one of `value`, `child` and `content` in each edit')
  if (state !== 'present' && (said > 0 || uncomment)) mistake('state', `with \`${state}\` there is nothing to set`)
  if (state === 'present' && said === 0 && !uncomment) mistake('xpath', 'what shall be so? give `value`, `child`, `content`, `uncomment`, or `state: absent`')
  if (attribute !== undefined && value === undefined && state !== 'absent') mistake('attribute', 'give the `value` of the attribute')
  if (child === undefined) for (const [key, given] of [['match', match], ['before', before], ['after', after]] as const) if (given !== undefined) mistake(key, `\`${key}\` is for \`child\``)
  if (before !== undefined && after !== undefined) mistake('before', 'give `after` or `before`, not both')
})

export const xml = defineModule({
  name: 'xml',
  kind: 'state',
  summary: 'Parts of an XML file are so; every other byte stays, comments and white space included.',
  args: editedFile.extend({
    namespaces: z.record(z.string().regex(/^[A-Za-z_][\w.-]*$/, 'expected a prefix'), z.string().min(1)).default({}).describe('Namespaces by the prefix that the XPaths use for them, also for the default namespace of the file.'),
    edits: z.array(edit).min(1).describe('What shall be so, one after the other; together they are one change.'),
  }),
  examples: [
    `xml:
  path: /opt/app/conf/server.xml
  validate: xmllint --noout %s
  edits:
    - { xpath: "/Server/Service/Connector[@port='9443']", attribute: proxyPort, value: 443 }
    - { xpath: "//Valve[@className='org.example.AccessLog']", state: absent }`,
    `xml:
  path: /opt/app/conf/axis2.xml
  edits:
    - { xpath: /axisconfig/clustering/@enable, value: true }
    - { xpath: "/axisconfig/clustering/parameter[@name='membershipScheme']", value: wka }
    - xpath: /axisconfig/clustering/members
      child: <member><hostName>10.0.0.12</hostName><port>4000</port></member>
    - { xpath: "//transportReceiver[@name='http']/parameter[@name='hostname']", uncomment: true, value: app.example.com }`,
    `xml:
  path: /opt/app/conf/server.xml
  namespaces: { s: http://example.org/server.xml }
  edits:
    - xpath: /s:Server
      child: <HostName>app.example.com</HostName>
      match: s:HostName
      after: s:Name`,
  ],
  needs: (args, scope) => file.needs({ ...args, state: 'present' }, scope),
  mayDisturb: (args) => mayAlter(args),
  check: ({ namespaces, edits, ...args }, facts) => editWhole(args, facts, (content) => editXml(content, edits, args.path, namespaces)),
})
