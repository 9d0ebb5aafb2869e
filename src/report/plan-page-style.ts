/** How the page of a plan looks: of its own means alone, light and dark, on a phone and on paper; what a colour says, a word says too. */
export const planPageStyle = `
:root { color-scheme: light dark; --page: #fff; --text: #1c2024; --quiet: #5b6470; --line: #d5dae0; --card: #f6f8fa; --accent: #0b57d0;
  --add: #e3f6e6; --add-text: #0d5523; --remove: #fdeaea; --remove-text: #8f1919; --warn: #fff4d6; --warn-text: #6b4700; --good: #e3f6e6; --good-text: #0d5523; --bad: #fdeaea; --bad-text: #8f1919 }
@media (prefers-color-scheme: dark) { :root { --page: #14171a; --text: #e4e8ec; --quiet: #a2acb7; --line: #3a424b; --card: #1d2226; --accent: #8ab4f8;
  --add: #12301a; --add-text: #a5e6b4; --remove: #3a1a1a; --remove-text: #f5b5b5; --warn: #3a2e0d; --warn-text: #f3d48a; --good: #12301a; --good-text: #a5e6b4; --bad: #3a1a1a; --bad-text: #f5b5b5 } }
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100% }
body { margin: 0 auto; max-width: 68rem; padding: 1rem; background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
code, pre { font-family: ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; font-size: .875em }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .5rem 0 }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; padding-top: .75rem; border-top: 1px solid var(--line) }
h3 { font-size: 1rem; margin: 1.25rem 0 .5rem }
h3 small, .quiet-text { color: var(--quiet); font-weight: normal; font-size: .875rem }
p { margin: .25rem 0 .75rem }
ul, ol { margin: .25rem 0 .75rem; padding-left: 1.25rem }
a { color: var(--accent) }
.class { display: inline-block; margin: 0; padding: .25rem .75rem; border: 1px solid; border-radius: 1rem; font-weight: 600 }
.exact, .kept { background: var(--good); color: var(--good-text) }
.bounded { background: var(--warn); color: var(--warn-text) }
.lost { background: var(--bad); color: var(--bad-text) }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .125rem 1rem; margin: .5rem 0 }
dt { color: var(--quiet) }
dd { margin: 0; min-width: 0 }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: .75rem 0 }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .5rem; padding: 0; margin: .75rem 0; list-style: none }
.cards li { padding: .5rem .75rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--card) }
.cards b { display: block; font-size: 1.25rem }
.tag { display: inline-block; padding: 0 .4rem; border: 1px solid var(--line); border-radius: .3rem; font-size: .8125rem; white-space: nowrap }
.risk { background: var(--warn); color: var(--warn-text); border-color: currentColor }
.verdict { min-width: 4.75rem; text-align: center; font-weight: 600 }
.verdict.change { background: var(--warn); color: var(--warn-text) }
.verdict.deferred { border-style: dashed; border-color: currentColor }
.verdict.ok { color: var(--good-text); background: var(--good) }
.verdict.skipped { color: var(--quiet) }
.controls { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; padding: .5rem 0; background: var(--page); border-bottom: 1px solid var(--line) }
.controls[hidden] { display: none }
.controls input, .controls select, .controls button { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: .4rem; padding: .35rem .6rem; max-width: 100%; min-height: 2.5rem }
.controls input { flex: 1 1 12rem; min-width: 0 }
.step { margin: .375rem 0; border: 1px solid var(--line); border-radius: .4rem; background: var(--card) }
details.step > summary { display: flex; flex-wrap: wrap; gap: .25rem .5rem; align-items: baseline; padding: .4rem .6rem; cursor: pointer }
details.step > summary::before { content: '▸'; color: var(--quiet) }
details.step[open] > summary::before { content: '▾' }
details.step > summary::-webkit-details-marker { display: none }
summary:focus-visible, a:focus-visible, .controls :focus-visible { outline: 2px solid var(--accent); outline-offset: 1px }
.step .body { padding: 0 .6rem .5rem; border-top: 1px solid var(--line) }
.step .name { flex: 1 1 10rem; min-width: 0 }
.host { font-family: ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; font-size: .875em; font-weight: 600 }
.rest { margin: .375rem 0 }
.rest > summary { cursor: pointer; color: var(--quiet) }
.rest ul { list-style: none; padding: 0 }
.rest li { padding: .125rem .25rem; border-bottom: 1px solid var(--line) }
pre { margin: .5rem 0; padding: .5rem .25rem; border: 1px solid var(--line); border-radius: .3rem; background: var(--page); white-space: pre-wrap; tab-size: 4 }
pre span { display: block; padding: 0 .25rem 0 calc(2ch + .25rem); text-indent: -2ch; min-height: 1.5em }
pre .add { background: var(--add); color: var(--add-text) }
pre .remove { background: var(--remove); color: var(--remove-text) }
pre .fold { color: var(--quiet) }
.forecast { padding: .5rem .75rem; margin: .5rem 0; border: 1px solid var(--line); border-left-width: .4rem; border-radius: .4rem; background: var(--card) }
.forecast h3 { margin: .25rem 0 }
.forecast .says { display: inline-block; padding: 0 .5rem; border-radius: .3rem; font-weight: 600 }
.timeline { list-style: none; padding: 0 }
.timeline > li { margin: .5rem 0; padding: .5rem .75rem; border: 1px solid var(--line); border-radius: .4rem }
.work { display: grid; grid-template-columns: 8rem 1fr minmax(0, 26rem); gap: .125rem .75rem; align-items: center }
.bar { width: 100%; height: .75rem; display: block }
.bar rect { fill: var(--quiet) }
.bar.critical rect { fill: var(--accent) }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .25rem .5rem; border-bottom: 1px solid var(--line) }
td.number, th.number { text-align: right }
[hidden] { display: none !important }
footer { margin-top: 2rem; padding-top: .75rem; border-top: 1px solid var(--line); color: var(--quiet) }
@media (max-width: 40rem) { body { padding: .75rem } dl { grid-template-columns: 1fr } dt { margin-top: .25rem } th, td { padding: .25rem } .controls { position: static } .work { grid-template-columns: 1fr } }
@media print { :root { color-scheme: light; --page: #fff; --text: #000; --quiet: #444; --line: #999; --card: #fff; --accent: #000; --add: #fff; --add-text: #000; --remove: #fff; --remove-text: #000; --warn: #fff; --warn-text: #000; --good: #fff; --good-text: #000; --bad: #fff; --bad-text: #000 }
  body { max-width: none; padding: 0; font-size: 10pt } nav, .controls input, .controls select, .controls button { display: none } .controls { position: static; border: 0; padding: 0 }
  details::details-content { content-visibility: visible; display: block; block-size: auto; overflow: visible }
  details.step > summary::before { content: none } summary { list-style: none } h2, h3, summary { break-after: avoid } .step, .forecast, .timeline > li, tr { break-inside: avoid-page } .step:has(pre) { break-inside: auto } pre .add { font-weight: 600 } }
`
