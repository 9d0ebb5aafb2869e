import { existsSync, writeFileSync } from 'node:fs'
import { exitCode, ProvisionError } from '../core/errors.js'
import { openPlanFile } from './change-plan.js'
import { signed } from './ssh-keygen.js'

/** `provision approve`: a signature beside the plan's file, which `ssh-keygen -Y verify` accepts too. */
export const approve = async (file: string, { key, as }: { readonly key: string; readonly as?: string }): Promise<number> => {
  const { text, plan } = openPlanFile(file)
  const armored = await signed(text, key)
  const free = (as === undefined ? ['', ...Array.from({ length: 99 }, (_, index) => `.${index + 2}`)] : [`.${as}`]).map((part) => `${file}${part}.sig`).find((path) => as !== undefined || !existsSync(path))
  if (free === undefined) throw new ProvisionError('too-many-signatures', `${file} has a hundred signatures`, { exit: exitCode.input, hint: 'remove those that do not count' })
  writeFileSync(free, armored)
  process.stderr.write(`Approved ${plan.digest}: ${free}\n`)
  return exitCode.done
}
