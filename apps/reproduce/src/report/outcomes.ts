import { type Html, html, scriptJson, trusted } from './html.ts';

export interface OutcomeRow {
  readonly title: string;
  /** See `Accuracy.outcomes`. */
  readonly outcomes: string;
}

/** Images one by one: a cell each, coloured by who was right, named where one points at it; one file at a time. */
export const outcomeCells = (rows: readonly OutcomeRow[], titles: readonly string[]): Html => html`
<p><label>File: <select id="which">${rows.map(({ title }, i) => html`<option value="${i}">${title}</option>`)}</select></label></p>
<ul class="key" id="tally"></ul>
<div class="cells" id="cells" role="img" aria-label="one cell an image"></div>
<p id="told" class="soft" aria-live="polite">Point at a cell to see what the image shows.</p>
<noscript><p>The cells are drawn by a script on this page.</p></noscript>
<script type="application/json" id="outcomes">${trusted(scriptJson({ rows, titles }))}</script>`;

/** Runs in the reader's browser, with nothing but the page's own data. */
export const OUTCOME_SCRIPT = `
(() => {
  const data = document.getElementById('outcomes');
  if (!data) return;
  const { rows, titles } = JSON.parse(data.textContent);
  const kinds = [['none', 'both wrong'], ['lost', 'only the original right'], ['won', 'only the compressed right'], ['both', 'both right']];
  const [cells, tally, told, which] = ['cells', 'tally', 'told', 'which'].map((id) => document.getElementById(id));
  const show = () => {
    const { outcomes } = rows[which.value];
    const counts = [0, 0, 0, 0];
    cells.replaceChildren(...[...outcomes].map((digit, i) => {
      const cell = document.createElement('i');
      cell.className = kinds[digit][0];
      cell.title = (titles[i] ?? 'image ' + (i + 1)) + ': ' + kinds[digit][1];
      counts[digit]++;
      return cell;
    }));
    tally.replaceChildren(...[3, 1, 2, 0].map((digit) => {
      const entry = document.createElement('li');
      const mark = document.createElement('i');
      mark.className = kinds[digit][0];
      entry.append(mark, kinds[digit][1] + ': ' + counts[digit]);
      return entry;
    }));
  };
  const tell = ({ target }) => {
    if (!target.title) return;
    for (const other of cells.querySelectorAll('.on')) other.classList.remove('on');
    target.classList.add('on');
    told.textContent = target.title;
  };
  cells.addEventListener('pointerover', tell);
  cells.addEventListener('click', tell);
  which.addEventListener('change', show);
  show();
})();
`;
