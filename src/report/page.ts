import { asset, html, named, type Markup } from './html.js'
import { planPageScript } from './plan-page-script.js'
import { planPageStyle } from './plan-page-style.js'

/** The page loads nothing, sends nothing, and obeys no other style or script than its own: what is told there is untrusted. */
const policy = `default-src 'none'; script-src ${named(planPageScript)}; style-src ${named(planPageStyle)}; base-uri 'none'; form-action 'none'`

/** A page that needs nothing beside itself: for a browser, a phone, and paper. */
export const pageOf = ({ title, header, parts, main, footer }: { readonly title: string; readonly header: Markup; readonly parts: readonly (readonly [id: string, name: string])[]; readonly main: Markup; readonly footer: Markup }): string => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
${asset('style', planPageStyle)}
</head>
<body>
<header>
${header}
<nav aria-label="Parts">${parts.map(([id, name]) => html`<a href="#${id}">${name}</a> `)}</nav>
</header>
<main>
${main}
</main>
<footer>${footer}</footer>
${asset('script', planPageScript)}
</body>
</html>
`.text

/** What filters the steps of a page; the script of the page shows it. */
export const stepControls = (hosts: readonly string[], verdicts: readonly string[]): Markup => html`<div class="controls" id="controls" hidden>
<input id="words" type="search" placeholder="Search steps, hosts, files, risks" aria-label="Search">
<select id="host" aria-label="Host"><option value="">All hosts</option>${hosts.map((host) => html`<option value="${host}">${host}</option>`)}</select>
<select id="verdict" aria-label="Verdict"><option value="">All verdicts</option>${verdicts.map((word) => html`<option value="${word}">${word}</option>`)}</select>
<button type="button" id="open">Open all</button><button type="button" id="close">Close all</button>
<output id="count" aria-live="polite"></output>
</div>`

/** Names with what they stand for. */
export const definitions = (pairs: readonly (readonly [string, string])[]): Markup => html`<dl>${pairs.map(([name, value]) => html`<dt>${name}</dt><dd><code>${value}</code></dd>`)}</dl>`
