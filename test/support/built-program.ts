import { join, resolve } from 'node:path'
import { buildProgram } from '../../scripts/build.js'

const folder = resolve(import.meta.dirname, '../../.build-test/cli')

/** The program that tests call: built from the sources as they are, apart from the one that people call. */
export const testedProgram = join(folder, 'main.js')

/** Before all tests. */
export const setup = (): Promise<void> => buildProgram(folder)
