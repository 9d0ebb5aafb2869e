import { beginTestRun, endTestRun, noHostsReason } from './lab.js'

/** Before all tests: says once why those on hosts are skipped, and removes what a killed run left. */
export const setup = async (): Promise<void> => {
  const reason = await noHostsReason()
  if (reason !== undefined) process.stderr.write(`tests on lab hosts are skipped: ${reason}\n`)
  await beginTestRun()
}

/** After all tests: leaves no host behind. */
export const teardown = endTestRun
