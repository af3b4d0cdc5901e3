import { type Html, html, trusted } from './html.ts';

/** A part of a page with a heading. */
export interface Section {
  readonly title: string;
  readonly lead: Html | string;
  readonly body: Html;
}

/** Puts a page together that needs nothing but itself: no fonts, scripts or pictures from elsewhere. */
export const page = (title: string, head: Html, sections: readonly Section[], script = ''): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<main>
<header>
<h1>${title}</h1>
${head}
</header>
${sections.map(({ title, lead, body }) => html`<section><h2>${title}</h2><p class="lead">${lead}</p>${body}</section>\n`)}
</main>
${script && html`<script>${trusted(script)}</script>`}
</body>
</html>
`.text;

// Colours after Okabe and Ito 2008, lightened for dark pages.
const STYLE = `
:root { color-scheme: light dark; --page: #fff; --ink: #1c1f23; --soft: #5d6670; --line: #d9dee3; --panel: #f5f7f9; --accent: #0072b2;
  --c1: #0072b2; --c2: #e69f00; --c3: #009e73; --c4: #cc79a7; --c5: #d55e00; --c6: #56b4e9; --c7: #8a8f00; --c8: #7d7d7d;
  --both: #8fc7a8; --lost: #d55e00; --won: #0072b2; --none: #d3d7db; }
@media (prefers-color-scheme: dark) { :root { --page: #14171a; --ink: #e6e9ec; --soft: #9aa4ae; --line: #333a41; --panel: #1c2125; --accent: #56b4e9;
  --c1: #56b4e9; --c2: #e9b44c; --c3: #3fc79a; --c4: #dd9cc0; --c5: #ef8354; --c6: #8ed1f5; --c7: #d6d65c; --c8: #a0a0a0;
  --both: #2f6b50; --lost: #ef8354; --won: #56b4e9; --none: #3a4148; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 24px 32px 64px; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: .5em 0 .3em; }
h2 { font-size: 1.3rem; margin: 2.2em 0 .2em; }
h3 { font-size: 1rem; margin: 1.4em 0 .2em; }
p, .lead { max-width: 46em; }
.lead, .soft, figcaption, caption { color: var(--soft); }
.lead { margin: .2em 0 1em; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 1.2em 0; padding: 0; list-style: none; }
.cards li { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 12px 14px; }
.cards b { display: block; font-size: 1.45rem; line-height: 1.25; }
.cards span { color: var(--soft); font-size: .86rem; line-height: 1.35; display: block; }
.notice { border-left: 4px solid var(--c5); background: var(--panel); padding: 10px 14px; border-radius: 0 6px 6px 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .86rem; font-variant-numeric: tabular-nums; width: 100%; }
th, td { text-align: right; padding: 5px 7px; border-bottom: 1px solid var(--line); vertical-align: top; }
th:first-child, td:first-child { text-align: left; min-width: 15.5em; }
td:first-child small { white-space: normal; }
thead th { white-space: nowrap; }
thead th { color: var(--soft); font-weight: 600; vertical-align: bottom; }
td small, th small { white-space: nowrap; color: var(--soft); display: block; line-height: 1.3; }
.tag { display: inline-block; border: 1px solid var(--line); border-radius: 999px; padding: 0 8px; font-size: .76rem; color: var(--soft); white-space: nowrap; }
.tag.computed { color: var(--c3); border-color: var(--c3); }
.tag.generated { color: var(--c5); border-color: var(--c5); }
.ok { color: var(--c3); } .bad { color: var(--c5); font-weight: 600; }
figure { margin: 0 0 1em; }
figure svg { max-width: 100%; height: auto; }
.narrow { display: none; }
@media (max-width: 760px) { main { padding: 12px 16px 48px; } .wide { display: none; } .narrow { display: block; } h1 { font-size: 1.5rem; } }
.key { display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: .86rem; color: var(--soft); margin: .4em 0; padding: 0; list-style: none; }
.key i { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin-right: .4em; vertical-align: -.06em; }
.cells { display: grid; grid-template-columns: repeat(auto-fill, minmax(14px, 1fr)); gap: 2px; max-width: 960px; }
.cells i { aspect-ratio: 1; border-radius: 2px; }
.cells i:hover, .cells i.on { outline: 2px solid var(--ink); }
.both { background: var(--both); } .lost { background: var(--lost); } .won { background: var(--won); } .none { background: var(--none); }
#told { min-height: 1.6em; }
select { font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: 4px 8px; max-width: 100%; }
details { margin: .6em 0; } summary { cursor: pointer; color: var(--accent); }
code { font-size: .84em; overflow-wrap: anywhere; }
@media print { main { max-width: none; } details { display: none; } }
`;
