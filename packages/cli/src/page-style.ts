/** How the command's pages look, in light and dark. */
export const STYLE: string = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); --soft: color-mix(in srgb, currentColor 60%, transparent) }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem; margin-bottom: 0 } p { color: var(--soft); margin-top: .2rem }
table { border-collapse: collapse; width: 100% } th { text-align: left; font-weight: 600; position: sticky; top: 0; background: Canvas }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: middle } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
.bar { display: flex; height: .9rem; border-radius: 2px; overflow: hidden } .bar i { display: block; min-width: 1px }
.histogram { display: flex; align-items: flex-end; height: 1.8rem; width: 8rem; gap: 1px } .histogram i { flex: 1; background: #0072b2; min-height: 0 }
.legend span { margin-right: 1rem } .legend i { display: inline-block; width: .8rem; height: .8rem; border-radius: 2px; margin-right: .3rem; vertical-align: -1px }
.scroll { overflow-x: auto }`;

/** Text that HTML takes for nothing but text. */
export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
