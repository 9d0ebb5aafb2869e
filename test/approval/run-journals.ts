import type { JournalEnd, PredictedStep, RunJournal, SettledStep } from '../../src/approval/journal.js'

const at = '2026-11-25T08:00:00.000Z'
const digest = `sha256:${'0'.repeat(64)}`
const step = (host: string, name: string, changes: string[] = []) => ({ host, address: `Play · site.yaml:4:9 · ${name}`, play: 'Play', step: name, module: 'file', file: 'site.yaml', line: 4, changes })

export const predicted = (host: string, name: string, status: PredictedStep['status'], changes?: string[]): PredictedStep => ({ type: 'predicted', ...step(host, name, changes), status })
export const settled = (host: string, name: string, status: SettledStep['status'], changes?: string[]): SettledStep =>
  ({ type: 'settled', ...step(host, name, changes), status, started: at, ended: at, ms: 12, ...(status === 'failed' ? { failure: 'action-failed', reason: 'it failed with exit 1' } : {}) })

const end = (exit: number): JournalEnd => ({
  type: 'ended', at: '2026-11-25T08:00:01.200Z', ms: 1200, exit, unfinished: [], unsure: {},
  hosts: { a: { ok: 1, changed: 1, deferred: 0, skipped: 0, failed: 0, ignored: 0, unreachable: false, round_trips: 2 } },
})

/** A run of `site.yaml` as its journal tells it; without an exit code it broke off. */
export const journal = ({ exit, ...more }: Partial<RunJournal> & { readonly exit?: number | undefined }): RunJournal => ({
  header: {
    type: 'run', format: '2.0', run: '2026-11-25T08-00-00-000Z-a1b2c3', at, by: 'alice@laptop', tool: { version: '0.1.0' }, playbook: 'site.yaml', inventory: ['prod'], cwd: '/work',
    inputs: { root: digest, files: { 'site.yaml': digest } }, key: 'none', 'key-check': '0'.repeat(32),
  },
  predicted: [], settled: [], lost: {}, end: exit === undefined ? undefined : end(exit), digests: [digest], ...more,
})
