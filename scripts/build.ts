import { chmod, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import manifest from '../package.json' with { type: 'json' }

const checkout = resolve(import.meta.dirname, '..')

/** Pure libraries that most commands load with the modules: zod alone is a hundred files. */
const bundled = ['dot-properties', 'jsonc-parser', 'smol-toml', 'toml-eslint-parser', 'zod']

/**
 * Bundles the program into a folder two below the checkout, from where it finds what is shipped beside it. A few files, of which a command loads
 * those it needs, since hundreds of small ones cost more to find than to read. What an earlier build left stays, for a program that still runs.
 */
export const buildProgram = async (folder: string): Promise<void> => {
  await build({
    entryPoints: [join(checkout, 'src/cli/main.ts')], outdir: folder, bundle: true, splitting: true, format: 'esm', platform: 'node', target: 'node20.17', logLevel: 'warning',
    mainFields: ['module', 'main'], // jsonc-parser's other form loads its parts by names that a bundle does not know
    // the others are loaded by few commands, and some find files beside themselves
    external: Object.keys(manifest.dependencies).filter((name) => !bundled.includes(name)),
  })
  await chmod(join(folder, 'main.js'), 0o755)
}

if (process.argv[1] === import.meta.filename) {
  const folder = join(checkout, 'dist/cli')
  await rm(folder, { recursive: true, force: true })
  await buildProgram(folder)
}
