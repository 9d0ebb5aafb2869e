import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { modules } from '../src/modules/index.js'
import { playbookSchema } from '../src/playbook/schema.js'

const REGISTRY = 'src/modules/index.ts'

/** Words that cannot be names of constants. */
const RESERVED = new Set(['break', 'case', 'catch', 'class', 'const', 'continue', 'debugger', 'default', 'delete', 'do', 'else', 'enum', 'export', 'extends', 'false', 'finally', 'for', 'function',
  'if', 'import', 'in', 'instanceof', 'new', 'null', 'package', 'private', 'protected', 'public', 'return', 'static', 'super', 'switch', 'this', 'throw', 'true', 'try', 'typeof', 'var', 'void', 'while', 'with', 'yield', 'await', 'let'])

const constantOf = (name: string): string => {
  const camel = name.replace(/-([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase())
  return RESERVED.has(camel) ? `${camel}Module` : camel
}

/** Why a module cannot be called so; undefined when it can. */
const refusal = (name: string): string | undefined => {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) return `"${name}" is no name for a module: lower case words with hyphens, such as log-rotation`
  if (/(^|-)(utils?|helpers?|manager|task|role|resource|operation|job|process|data|info)($|-)/.test(name)) return `"${name}" says too little: name the thing that is so afterwards`
  if (modules.has(name)) return `there is a module ${name} already: src/modules/${name}.ts`
  if (Object.hasOwn(playbookSchema(new Map()).step.shape, name)) return `${name} is a word that every step may use beside its module`
  const taken = [`src/modules/${name}.ts`, `test/modules/${name}`, `test/lab/modules/${name}.yaml`].find((path) => existsSync(path))
  return taken === undefined ? undefined : `${taken} exists already`
}

const moduleText = (name: string): string => `import { z } from 'zod'
import { below } from '../core/change.js'
import { sha256 } from '../core/digest.js'
import { ProvisionError } from '../core/errors.js'
import { becomes } from '../core/fact.js'
import { defineModule } from '../core/module.js'
import { sh } from '../core/shell.js'
import { fileAt } from '../facts/file.js'
import { identity } from '../facts/identity.js'
import { absolutePath } from './arguments.js'
import { parentOf, requireDirectory } from './file-access.js'

export const ${constantOf(name)} = defineModule({
  name: '${name}',
  kind: 'state',
  summary: 'An empty file is there; one sentence that says what is so afterwards.',
  args: z.strictObject({
    path: absolutePath.describe('Where the file lies. Its folder must exist.'),
  }),
  examples: ['${name}: { path: /etc/sample }'],
  needs: ({ path }) => ({ now: fileAt(path), parent: fileAt(parentOf(path)), who: identity }),
  mayDisturb: ({ path }) => [below(path)],
  check({ path }, { now, parent, who }) {
    if (now.type === 'file') return []
    if (now.type !== 'absent') throw new ProvisionError('not-a-file', \`\${path} is no file\`, { hint: 'choose another path, or move it away by hand' })
    requireDirectory(parent, path)
    return [{
      summary: \`create \${path}\`,
      actions: [{ do: 'exec', script: sh\`: > \${path} && chmod 0644 -- \${path}\`.text }],
      predicts: [becomes(fileAt(path), { type: 'file', mode: '0644', owner: who.user, group: who.group, sha256: sha256(''), content: '' })],
      disturbs: [below(path)],
      confirm: sh\`[ -f \${path} ]\`.text,
    }]
  },
})
`

const parent = '  parent: { type: directory, mode: \'0755\', owner: root, group: root }'
const who = '  who: { user: root, group: root, uid: 0 }'

const createsText = `args: { path: /etc/sample }
facts:
  now: { type: absent }
${parent}
${who}
changes: [create /etc/sample]
`

const leavesAloneText = `args: { path: /etc/sample }
facts:
  now: { type: file, mode: '0600', owner: app, group: app, sha256: 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03, content: "hello\\n" }
${parent}
${who}
changes: []
`

const labText = (name: string): string => `hosts-needed: 1
steps:
  - ${name}: { path: /etc/sample }
drift: |
  rm /etc/sample
undo: |
  rm -f /etc/sample
`

/** The registry with two more lines, each in its alphabetical place. */
const registered = (registry: string, name: string): string => {
  const constant = constantOf(name)
  const lines = registry.split('\n')
  insert(lines, /^import \{ \w+ \} from '\.\/(.+)\.js'$/, name, `import { ${constant} } from './${name}.js'`)
  insert(lines, /^ {2}(\w+),$/, constant, `  ${constant},`)
  return lines.join('\n')
}

const insert = (lines: string[], pattern: RegExp, key: string, line: string): void => {
  const entries = lines.flatMap((text, index) => (pattern.test(text) ? [{ index, key: pattern.exec(text)?.[1] ?? '' }] : []))
  const after = entries.find((entry) => entry.key.toLowerCase() > key.toLowerCase())
  const last = entries.at(-1)
  if (last === undefined) throw new Error(`${REGISTRY} has no line like ${String(pattern)}: add the module by hand`)
  lines.splice(after === undefined ? last.index + 1 : after.index, 0, line)
}

const write = async (path: string, text: string): Promise<void> => {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text, { flag: 'wx' })
  console.log(`made     ${path}`)
}

/** Makes a module that works, and says what is left to do. */
const main = async ([name, ...more]: readonly string[]): Promise<number> => {
  if (name === undefined || more.length > 0) {
    console.error('usage: npm run new:module -- NAME')
    return 2
  }
  const refused = refusal(name)
  if (refused !== undefined) {
    console.error(refused)
    return 2
  }
  const registry = registered(await readFile(REGISTRY, 'utf8'), name)
  await write(`src/modules/${name}.ts`, moduleText(name))
  await write(`test/modules/${name}/creates.yaml`, createsText)
  await write(`test/modules/${name}/leaves-alone.yaml`, leavesAloneText)
  await write(`test/lab/modules/${name}.yaml`, labText(name))
  await writeFile(REGISTRY, registry)
  console.log(`changed  ${REGISTRY}

It makes an empty file for now. What is left to do:
  1. Say in src/modules/${name}.ts what is so afterwards, what must be asked for it (\`provision docs facts\` lists what hosts can answer), and which changes are missing.
  2. Tell of each way it may come out in test/modules/${name}/*.yaml: made, left alone, drifted, each mistake.
  3. Let a real host say whether it is true: test/lab/modules/${name}.yaml.
  4. npx vitest run test/modules.test.ts -t ${name}
  5. npm run docs, npm run check, and a line in CHANGELOG.md.
CONTRIBUTING.md tells the rules.`)
  return 0
}

process.exitCode = await main(process.argv.slice(2))
