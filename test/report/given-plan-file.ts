import { planFileText, readPlanFile, type FiledStep, type PlanFile, type PlanHeader } from '../../src/approval/plan-file.js'

const digest = `sha256:${'0'.repeat(64)}`
const header: PlanHeader = {
  tool: { version: '1.0.0' }, created: '2026-11-25T10:00:00.000Z', author: 'alice@example.org', playbook: 'site.yaml', inventory: ['prod'], set: [],
  inputs: { root: digest, files: {} }, key: 'none', 'key-check': '0'.repeat(32),
}

/** One step of a plan's file. */
export const filed = (host: string, step: string, more: Partial<FiledStep> = {}): FiledStep => ({
  address: `Nodes · site.yaml:3:7 · ${step}`, play: 'Nodes', host, step, module: 'file', file: 'site.yaml', line: 3, column: 7,
  verdict: 'ok', reason: 'it is so already', changes: [], needs: [], risks: [], ...more,
})

/** What a change says in a plan's file; `lines` begin with their sign. */
export const filedChange = (summary: string, lines: readonly string[] = [], more: Partial<FiledStep['changes'][number]> = {}): FiledStep['changes'][number] => ({
  summary, actions: [], holds: [], 'back-out': `undo ${summary}`, fingerprint: '0'.repeat(32),
  diff: lines.map((line) => ({ sign: line.startsWith('+') ? '+' : line.startsWith('-') ? '-' : line.startsWith('~') ? '~' : ' ', text: line.slice(2) })), ...more,
})

/** A plan's file of these steps, as it is read. */
export const planFileOf = (steps: readonly FiledStep[], more: Partial<PlanHeader> = {}): PlanFile => {
  const isOpen = steps.some(({ verdict, risks }) => verdict === 'deferred' || (verdict === 'change' && risks.includes('opaque')))
  const hosts = Object.fromEntries([...new Set(steps.map(({ host }) => host))].map((host) => [host, { facts: {} }]))
  return readPlanFile(planFileText({ ...header, ...more }, { class: isOpen ? 'bounded' : 'exact', hosts, steps: [...steps] }), 'given.plan')
}

/** A plan's file that says the same text wherever somebody else's text may stand. */
export const saying = (text: string): PlanFile => planFileOf([
  filed(text, text, { play: text, address: text, file: text, on: text, verdict: 'change', reason: text, user: text, changes: [filedChange(text, [`+ ${text}`, `- ${text}`], { 'back-out': text, actions: [{ do: 'exec', script: text }], holds: [text] })], needs: [text, `unit:${text}`], risks: ['restart', 'data'] }),
  filed('waiting', text, { verdict: 'deferred', reason: text, 'known-after': text, arguments: { run: text }, handler: { notified: [text] } }),
  filed('waiting', 'map', { verdict: 'deferred', reason: text, 'known-after': text, arguments: { [text]: text, list: [text] } }),
], { playbook: text, inventory: [text], author: text, ticket: text, limit: text, tags: text, git: { commit: text, dirty: true } })

/** Texts that end markup, code, attributes, scripts or lines where these are not careful. */
export const hostile: readonly string[] = [
  '```', '````\n# heading', '`', ' `x` ', '<script>document.title = "taken"</script>', '</script><script>alert(1)</script>', '</details><h1>out</h1>', '--> <!-- x', ']]>', '" onclick="alert(1)" x="', "' onclick='alert(1)'",
  'a | b | c', '| --- |', '[link](https://example.org)', '![image](https://example.org/x.png)', '@everyone', '#123', '~~~', '    indented', '- item', '&lt;b&gt;', '&#96;&#96;&#96;', '\\`', '\n\n</summary>\n\n# out', '\r\n', '$`x`$', '<style>*{display:none}</style>', '\u202egnp.exe', '\u200b', '{{ 1 }}', '${x}', '$&',
]
