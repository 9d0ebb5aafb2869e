import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, normalize } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { modules } from '../src/modules/index.js'

/** Who may know whom, and why; a layer always knows itself. */
const layers: Readonly<Record<string, { readonly knows: readonly string[]; readonly because: string }>> = {
  core: { knows: [], because: 'the vocabulary: types and pure functions' },
  facts: { knows: ['core'], because: 'how to read one kind of object' },
  modules: { knows: ['core', 'facts', 'formats'], because: 'what a kind of step means; files are edited in their own format' },
  yaml: { knows: ['core'], because: 'YAML that remembers line and column' },
  formats: { knows: ['core'], because: 'reading and writing one file format each' },
  inventory: { knows: ['core', 'yaml'], because: 'hosts, groups, variables, vault' },
  catalog: { knows: ['core', 'yaml'], because: 'the shape of a product descriptor, of no product' },
  playbook: { knows: ['core', 'yaml'], because: 'YAML to typed plays to bound steps; it is handed the modules and the inventory' },
  transport: { knows: ['core', 'formats'], because: 'reaching a host; ssh config is a file format' },
  engine: { knows: ['core'], because: 'planning and running; it is handed steps, transports and renderers' },
  approval: { knows: ['core'], because: 'plans and runs as documents: written down, read, compared, approved' },
  report: { knows: ['core', 'approval'], because: 'events and plans to people and machines' },
  reference: { knows: ['core'], because: 'schemas to manual; it is handed the modules' },
  wizard: { knows: ['core', 'inventory', 'catalog', 'playbook'], because: 'questions to inventory and playbook' },
  lab: { knows: ['core'], because: 'throw-away hosts' },
  cli: { knows: ['core', 'facts', 'modules', 'yaml', 'formats', 'inventory', 'catalog', 'playbook', 'transport', 'engine', 'approval', 'report', 'reference', 'wizard', 'lab'], because: 'the composition root' },
}

/** The files through which each dependency comes in; replacing it touches them alone. */
const doors: Readonly<Record<string, readonly string[]>> = {
  '@xmldom/xmldom': ['formats/xml.ts'],
  '@peculiar/x509': ['formats/certificate.ts'],
  'age-encryption': ['inventory/vault/age.ts'],
  commander: ['cli/options.ts'],
  diff: ['core/diff.ts'],
  'dot-properties': ['formats/properties.ts'],
  inquirer: ['cli/prompt.ts'],
  'jsonc-parser': ['formats/json.ts'],
  'ipaddr.js': ['playbook/template/filters/addresses.ts'],
  'node-ssh': ['transport/ssh.ts'],
  nunjucks: ['playbook/template/parse.ts'],
  ora: ['report/tty.ts'],
  picocolors: ['report/style.ts'],
  saxes: ['formats/xml.ts'],
  'smol-toml': ['formats/toml.ts'],
  'ssh-config': ['formats/ssh-config.ts'],
  shlex: ['inventory/ansible/words.ts'],
  ssh2: ['transport/ssh.ts', 'transport/ssh-keys.ts'], // the library under node-ssh: its agent, its keys, and channels that it hides
  'tar-stream': ['formats/tar.ts'],
  'toml-eslint-parser': ['formats/toml.ts'], // tells where things stand, which the other does not
  xpath: ['formats/xml.ts'],
  yaml: ['yaml/document.ts', 'yaml/notation.ts', 'formats/yaml.ts'], // what the reader wrote, with places for mistakes; values without any; and files of hosts, whose text is edited
  unixcrypt: ['playbook/template/filters/digests.ts'],
  yauzl: ['formats/zip.ts'],
}
/** zod is vocabulary: whoever describes data may use it. */
const describesData = ['approval', 'core', 'modules', 'yaml', 'inventory', 'catalog', 'playbook', 'reference']

/** Layers that touch the machine; elsewhere Node's own modules come in through the files below. */
const touchesTheMachine = ['cli', 'transport', 'lab', 'formats', 'inventory']
const node: Readonly<Record<string, { readonly uses: readonly string[]; readonly because: string }>> = {
  'core/digest.ts': { uses: ['node:crypto'], because: 'a digest is a pure function' },
  'core/password-verifier.ts': { uses: ['node:crypto'], because: 'digests of passwords are pure functions' },
  'core/transport.ts': { uses: ['node:stream'], because: 'a type only' },
  'facts/x509.ts': { uses: ['node:crypto'], because: 'reading a certificate is a pure function' },
  'engine/file-memory.ts': { uses: ['node:crypto', 'node:fs/promises', 'node:path', 'node:v8'], because: 'checksums and listings of large local files outlive a run' },
  'engine/controller.ts': { uses: ['node:crypto', 'node:fs', 'node:fs/promises', 'node:path'], because: 'facts about this machine' },
  'engine/brought.ts': { uses: ['node:stream'], because: 'files of another host stream through this machine' },
  'engine/stream.ts': { uses: ['node:crypto', 'node:fs', 'node:stream'], because: 'files of this machine stream to hosts, and are digested on their way' },
  'engine/gather.ts': { uses: ['node:util'], because: 'comparing data is pure' },
  'engine/rules/contradiction.ts': { uses: ['node:util'], because: 'comparing data is pure' },
  'playbook/template/filters/paths.ts': { uses: ['node:path'], because: 'cutting and joining paths is pure' },
  'playbook/template/pattern.ts': { uses: ['node:vm'], because: 'a regular expression that would not end is ended' },
  'engine/running.ts': { uses: ['node:util'], because: 'comparing data is pure' },
}

/** `process` outside of cli. */
const processes: Readonly<Record<string, string>> = {
  'lab/identity.ts': '`kill` of the processes that the lab started',
}

/** Words that elsewhere say nothing. */
const said: Readonly<Record<string, string>> = {
  'facts/package.ts': 'apt and dnf are called package managers',
}

/** Files beyond 250 lines. */
const long: Readonly<Record<string, string>> = {
  'yaml/document.ts': 'one reader of YAML with places: what is split off could not be understood alone',
}

/** Where generics are erased, `any` is what TypeScript needs. */
const anys: Readonly<Record<string, string>> = {
  'core/change.ts': 'disturbances of a kind, whatever it answers',
  'core/fact.ts': 'needs of any answers',
  'core/module.ts': 'a module of any arguments and facts: generics end at `bind`',
  'facts/index.ts': 'a registry of kinds of any answers',
}

interface Source { readonly file: string; readonly layer: string; readonly text: string; readonly lines: number; readonly tree: ts.SourceFile; readonly nodes: readonly ts.Node[]; readonly imports: readonly string[] }

const nodesOf = (tree: ts.Node): readonly ts.Node[] => {
  const nodes: ts.Node[] = []
  const visit = (one: ts.Node): void => {
    nodes.push(one)
    ts.forEachChild(one, visit)
  }
  visit(tree)
  return nodes
}

const sources: readonly Source[] = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts')).sort().map((file) => {
  const text = readFileSync(join('src', file), 'utf8')
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  return {
    file, text, tree, nodes: nodesOf(tree), layer: file.split('/')[0] ?? '', lines: text.split('\n').length - 1,
    imports: ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName),
  }
})

const at = ({ tree, file }: Source, one: ts.Node): string => `${file}:${tree.getLineAndCharacterOfPosition(one.getStart()).line + 1}`
const found = (wanted: (one: ts.Node) => boolean, of = sources): string[] => of.flatMap((source) => source.nodes.filter(wanted).map((one) => at(source, one)))
const beyond = (places: readonly string[], exceptions: Readonly<Record<string, string>>): string[] => places.filter((place) => exceptions[place.replace(/:\d+$/, '')] === undefined)
/** Exceptions that nothing needs any more are mistakes too. */
const idle = (exceptions: readonly string[], used: readonly string[]): string[] => exceptions.filter((file) => existsSync(join('src', file)) && !used.some((place) => place.replace(/:\d+$/, '') === file))

const packageOf = (name: string): string => name.split('/').slice(0, name.startsWith('@') ? 2 : 1).join('/')
const isOwn = (name: string): boolean => name.startsWith('.')
const isNode = (name: string): boolean => name.startsWith('node:')

/** What a file loads at once, itself and through others: neither types nor what `import()` brings later. */
const reached = (start: string): { readonly files: ReadonlySet<string>; readonly packages: ReadonlySet<string> } => {
  const files = new Set([start])
  const packages = new Set<string>()
  for (const file of files) {
    for (const one of sources.find((source) => source.file === file)?.tree.statements ?? []) {
      if (!(ts.isImportDeclaration(one) || ts.isExportDeclaration(one)) || one.moduleSpecifier === undefined || !ts.isStringLiteral(one.moduleSpecifier)) continue
      if (ts.isImportDeclaration(one) ? isOnlyTypes(one) : one.isTypeOnly) continue
      const { text: name } = one.moduleSpecifier
      if (isOwn(name)) files.add(normalize(join(dirname(file), name)).replace(/\.js$/, '.ts'))
      else packages.add(packageOf(name))
    }
  }
  return { files, packages }
}
/** `verbatimModuleSyntax` keeps an import whose names alone are types. */
const isOnlyTypes = ({ importClause }: ts.ImportDeclaration): boolean => importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword

const isDeclaration = (one: ts.Node): one is ts.VariableDeclaration | ts.FunctionDeclaration | ts.ClassDeclaration | ts.InterfaceDeclaration | ts.TypeAliasDeclaration =>
  ts.isVariableDeclaration(one) || ts.isFunctionDeclaration(one) || ts.isClassDeclaration(one) || ts.isInterfaceDeclaration(one) || ts.isTypeAliasDeclaration(one)

describe('imports', () => {
  it('point downwards only', () => {
    expect(sources.filter(({ layer }) => layers[layer] === undefined).map(({ file }) => file), 'files in no layer').toEqual([])
    expect(sources.flatMap(({ file, layer, imports }) => imports.filter(isOwn).flatMap((name) => {
      const to = normalize(join(dirname(file), name)).split('/')[0] ?? ''
      return to === layer || layers[layer]?.knows.includes(to) === true ? [] : [`${file} imports ${name}`]
    }))).toEqual([])
  })

  it('go round in no circle between layers', () => {
    const reaches = (from: string, trail: readonly string[]): string[] => (layers[from]?.knows ?? []).flatMap((to) => (trail.includes(to) ? [[...trail, to].join(' > ')] : reaches(to, [...trail, to])))
    expect(Object.keys(layers).flatMap((layer) => reaches(layer, [layer]))).toEqual([])
  })

  it('bring each dependency in through its door', () => {
    const uses = sources.flatMap(({ file, layer, imports }) => imports.filter((name) => !isOwn(name) && !isNode(name)).map((name) => ({ file, layer, name: packageOf(name) })))
    expect(uses.flatMap(({ file, layer, name }) => (name === 'zod' ? describesData.includes(layer) : doors[name]?.includes(file) === true) ? [] : [`${file} imports ${name}`])).toEqual([])
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: Record<string, string> } // our own file
    expect(Object.keys(dependencies).filter((name) => name !== 'zod' && doors[name] === undefined), 'dependencies without a door').toEqual([])
  })

  it('use Node where it is allowed', () => {
    const uses = sources.filter(({ layer }) => !touchesTheMachine.includes(layer)).flatMap(({ file, imports }) => imports.filter(isNode).map((name) => ({ file, name })))
    expect(uses.flatMap(({ file, name }) => (node[file]?.uses.includes(name) === true ? [] : [`${file} imports ${name}`]))).toEqual([])
    expect(Object.entries(node).flatMap(([file, { uses: allowed }]) => allowed.filter((name) => !uses.some((use) => use.file === file && use.name === name)).map((name) => `${file} no longer needs ${name}`))).toEqual([])
  })

  it('carry the ending .js', () => {
    expect(sources.flatMap(({ file, imports }) => imports.filter((name) => isOwn(name) && !name.endsWith('.js')).map((name) => `${file} imports ${name}`))).toEqual([])
  })
})

describe('what is loaded', () => {
  it('starts without the libraries that only some commands need', () => {
    const { packages } = reached('cli/main.ts')
    expect([...packages].filter((name) => !isNode(name)).sort()).toEqual(['commander', 'picocolors'])
  })

  it('runs without the libraries that only some playbooks and terminals need', () => {
    const { packages } = reached('cli/run.ts')
    expect([...packages].filter((name) => !isNode(name)).sort()).toEqual(['diff', 'dot-properties', 'ipaddr.js', 'jsonc-parser', 'node-ssh', 'nunjucks', 'picocolors', 'smol-toml', 'ssh-config', 'ssh2', 'toml-eslint-parser', 'unixcrypt', 'yaml', 'zod'])
  })

  it('plans without a way to what alters hosts', () => {
    const { files } = reached('engine/planning.ts')
    expect([...files].filter((file) => /^engine\/(perform|stream|frame|flush|running|lock)\.ts$/.test(file))).toEqual([])
    expect([...reached('engine/running.ts').files], 'the test would see it').toContain('engine/perform.ts')
  })
})

describe('vocabulary', () => {
  it('names no product', () => {
    expect(sources.flatMap(({ file, text }) => text.split('\n').flatMap((line, index) => (/wso2|carbon|synapse|micro-?integrator/i.test(line) ? [`${file}:${index + 1}`] : [])))).toEqual([])
  })

  it('knows no mode in modules and facts', () => {
    const modes = new Set(['dryRun', 'isPlan', 'checkMode', 'planning', 'running'])
    expect(found((one) => ts.isIdentifier(one) && modes.has(one.text), sources.filter(({ layer }) => layer === 'modules' || layer === 'facts'))).toEqual([])
  })

  it('has no names that say nothing', () => {
    const empty = /(^|[a-z-])([Uu]tils?|[Hh]elpers?)($|[A-Z.-])|Manager$/
    expect(sources.filter(({ file }) => file.split('/').some((part) => empty.test(part))).map(({ file }) => file)).toEqual([])
    const named = found((one) => ts.isIdentifier(one) && isDeclaration(one.parent) && one.parent.name === one && empty.test(one.text))
    expect(beyond(named, said)).toEqual([])
    expect(idle(Object.keys(said), named)).toEqual([])
  })
})

describe('conventions', () => {
  it('leave `process` to cli', () => {
    const uses = sources.filter(({ layer }) => layer !== 'cli').flatMap((source) => [
      ...source.nodes.filter((one) => ts.isIdentifier(one) && one.text === 'process' && !(ts.isPropertyAccessExpression(one.parent) && one.parent.name === one) && !ts.isPropertyAssignment(one.parent)).map((one) => at(source, one)),
      ...source.imports.filter((name) => name === 'node:process').map(() => `${source.file}:1`),
    ])
    expect(beyond(uses, processes)).toEqual([])
    expect(idle(Object.keys(processes), uses)).toEqual([])
  })

  it('export by name only', () => {
    expect(found((one) => ts.isExportAssignment(one) || (ts.canHaveModifiers(one) && ts.getModifiers(one)?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword) === true))).toEqual([])
  })

  it('need no `any` but where generics end', () => {
    const uses = found((one) => one.kind === ts.SyntaxKind.AnyKeyword)
    expect(beyond(uses, anys)).toEqual([])
    expect(idle(Object.keys(anys), uses)).toEqual([])
    expect(found((one) => ts.isAsExpression(one) && one.type.kind === ts.SyntaxKind.AnyKeyword)).toEqual([])
  })

  it('have no enum and no inheritance but of errors', () => {
    expect(found((one) => ts.isEnumDeclaration(one))).toEqual([])
    expect(found((one) => ts.isHeritageClause(one) && one.token === ts.SyntaxKind.ExtendsKeyword && ts.isClassDeclaration(one.parent) && !one.types.every(({ expression }) => /Error$|Mistake$/.test(expression.getText())))).toEqual([])
  })

  it('keep the core, facts and modules pure', () => {
    const pure = sources.filter(({ layer }) => ['core', 'facts', 'modules'].includes(layer))
    const impure = /^(Date\.now|Math\.random|performance\.now|(globalThis\.)?crypto\.(randomUUID|getRandomValues)|randomBytes|setTimeout|setInterval|fetch)$/
    expect(found((one) => ts.isCallExpression(one) && impure.test(one.expression.getText()), pure)).toEqual([])
    expect(found((one) => ts.isNewExpression(one) && one.expression.getText() === 'Date' && (one.arguments ?? []).length === 0, pure)).toEqual([])
  })

  it('keep files short', () => {
    const over = sources.filter(({ lines }) => lines > 250).map(({ file }) => file)
    expect(beyond(over, long)).toEqual([])
    expect(idle(Object.keys(long), over)).toEqual([])
  })
})

describe('the registry of modules', () => {
  const yamlIn = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.yaml')).map((file) => basename(file, '.yaml')) : [])
  it('has a scenario on real hosts for each', () => {
    const scenarios = yamlIn('test/lab/modules')
    expect([...modules.keys()].filter((name) => !scenarios.includes(name)), 'without test/lab/modules/NAME.yaml').toEqual([])
    expect(scenarios.filter((name) => !modules.has(name)), 'of no module').toEqual([])
  })
  it('has fixtures for each', () => {
    expect([...modules.keys()].filter((name) => yamlIn(`test/modules/${name}`).length < 2), 'with fewer than two scenarios in test/modules/NAME').toEqual([])
  })
  it('names each after its file', () => {
    expect([...modules.keys()].filter((name) => !existsSync(`src/modules/${name}.ts`))).toEqual([])
  })
})
