import type { Change } from '../../src/core/change.js'
import type { DiffLine } from '../../src/core/diff.js'
import type { Recap, RunEvent } from '../../src/core/events.js'
import type { PlannedStep } from '../../src/core/plan.js'
import type { Verdict } from '../../src/core/verdict.js'

export const place = { file: 'site.yaml', line: 12, column: 7, text: '      - file: { path: /etc/motd }' }
export const change = (summary: string, ...lines: readonly string[]): Change => ({
  summary, actions: [], predicts: [],
  ...(lines.length === 0 ? {} : { diff: { lines: lines.map((line): DiffLine => ({ sign: line.startsWith('+') ? '+' : line.startsWith('-') ? '-' : line.startsWith('~') ? '~' : ' ', text: line.slice(2) })) } }),
})
export const failure: Verdict = { status: 'failed', error: { code: 'action-failed', message: 'nginx -t failed with exit 1', hint: 'mend the template,\nthen run again', at: place, output: 'nginx: [emerg] unknown directive "sever"\n\u001b[31mnginx: configuration file test failed\u001b[0m\u0007' } }

export const step = (host: string, name: string, verdict: Verdict, more: Partial<PlannedStep> = {}): PlannedStep => ({ play: 'Load balancer', host, step: name, module: 'file', place, verdict, ...more })
export const counts = (some: Partial<Recap> = {}): Recap => ({ ok: 0, changed: 0, deferred: 0, skipped: 0, failed: 0, ignored: 0, unreachable: false, round_trips: 1, ...some })
export const settled = (host: string, name: string, verdict: Verdict, more: Partial<Extract<RunEvent, { type: 'step-settled' }>> = {}): RunEvent =>
  ({ type: 'step-settled', host, play: 'Load balancer', step: name, module: 'file', place, verdict, ms: 120, ...more })

/** Files of which some lines change, with what hosts should not be able to say to a terminal. */
export const changes: readonly Change[] = [
  change('create /etc/nginx/conf.d/site.conf', ...Array.from({ length: 9 }, (_, line) => `+ line ${line + 1}`)),
  change('update /etc/motd', '~ …', '  kept', '- old\u001b[2J\u0007', '+ \tnew', '~ …'),
]
const pem = (label: string): readonly string[] => [`+ -----BEGIN ${label}-----`, ...Array.from({ length: 20 }, () => '+ MIIELzCCApegAwIBAgIQdShOc17byZ2nPgkODHkOZzANBgkqhkiG9w0BAQsFADAh'), `+ -----END ${label}-----`]
export const certificate = change('issue certificate /etc/pki/a.pem', '+ a.example.test: 10.0.0.1', '+ rsa3072, 397 days, issued by our authority', ...pem('CERTIFICATE'), ...pem('CERTIFICATE'), '+ last')
export const hidden = change('update deployment.toml', '  [server]', ...Array.from({ length: 12 }, () => '- •••••••• (hidden: the new content holds a secret)'), '+ password = "••••••••"')
