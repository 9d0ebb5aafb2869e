import { chmod, readdir, rm, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { build } from 'esbuild'
import manifest from '../package.json' with { type: 'json' }

const checkout = resolve(import.meta.dirname, '..')

/** Pure libraries that most commands load with the modules: zod alone is a hundred files. */
const bundled = ['dot-properties', 'ipaddr.js', 'jsonc-parser', 'smol-toml', 'toml-eslint-parser', 'zod']

/**
 * Bundles the program into a folder two below the checkout, from where it finds what is shipped beside it. A few files, of which a command loads
 * those it needs, since hundreds of small ones cost more to find than to read. What an earlier build left stays for a day, for a program that still runs.
 */
export const buildProgram = async (folder: string): Promise<void> => {
  const { metafile } = await build({
    entryPoints: [join(checkout, 'src/cli/main.ts')], outdir: folder, bundle: true, splitting: true, format: 'esm', platform: 'node', target: 'node20.17', mainFields: ['module', 'main'], logLevel: 'warning', metafile: true,
    // the others are loaded by few commands, and some find files beside themselves
    external: Object.keys(manifest.dependencies).filter((name) => !bundled.includes(name)),
  })
  await chmod(join(folder, 'main.js'), 0o755)
  const made = new Set(Object.keys(metafile.outputs).map((path) => basename(path)))
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    if (!made.has(name) && Date.now() - (await stat(path)).mtimeMs > DAY) await rm(path, { force: true })
  }
}

const DAY = 24 * 60 * 60 * 1000

if (process.argv[1] === import.meta.filename) await buildProgram(join(checkout, 'dist/cli'))
