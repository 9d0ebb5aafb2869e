import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of this package: shipped playbooks, templates and inventories lie there. */
export const packageRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

export const version = (): string => (JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }).version // our own file
