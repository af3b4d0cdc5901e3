import { parseHTML } from 'linkedom';
import { expect, test } from 'vitest';
import { sampleResult } from './_sample-result.ts';
import { ladderPage } from './ladder-page.ts';

const { ladder, result, titles } = sampleResult();
const drawn = ladderPage(ladder, result, titles);
const headings = (page: string): string[] =>
  [...parseHTML(page).document.querySelectorAll('h2')].map((heading) => heading.textContent ?? '');

test('shows everything there is data for', () => {
  expect(headings(drawn)).toEqual([
    'The ladder',
    'Row by row',
    'Where the bytes go',
    'What each layer bears',
    'Accuracy against size',
    'Weights and the values they share',
    'Tables',
    'Image by image',
    'Smaller networks, beside it',
    'Where this comes from',
  ]);
});

test('leaves out what there is no data for', () => {
  const rows = result.rows.filter(({ id }) => id === 'alexnet');
  expect(headings(ladderPage(ladder, { ...result, rows, beside: [] }, []))).toEqual([
    'The ladder',
    'Row by row',
    'Where this comes from',
  ]);
});

test('needs nothing but itself', () => {
  expect(drawn).not.toMatch(/(src|href)=|url\(|@import|fetch\(/);
  const addresses = drawn.match(/https?:\/\/[^"'\s<]+/g) ?? [];
  expect(addresses.filter((address) => !address.startsWith('http://www.w3.org/'))).toEqual([]); // names of namespaces
});

test('says of each row where it comes from, what it is bound to, and never a published accuracy as measured', () => {
  const cells = [...parseHTML(drawn).document.querySelectorAll('section:nth-of-type(2) tbody tr')].map((row) =>
    [...row.querySelectorAll('td')].map((cell) => (cell.textContent ?? '').trim()),
  );
  expect(cells.map((row) => row.at(-1))).toEqual([
    'computed (counted)',
    'computed, generated',
    'carriedjudged 2 times',
    'computedjudged once',
    'computedjudged once',
  ]);
  expect(cells[3]![0]).toContain('bytes ≤ 420.0 kB: yes');
  expect(cells[1]).toContain('not judged');
  expect(cells[1]!.filter((cell) => cell.includes('57.2'))).toHaveLength(1); // in the published column alone
});

test('holds a digit for each image and its title, as data that cannot become markup', () => {
  const { rows, titles: held } = JSON.parse(parseHTML(drawn).document.querySelector('#outcomes')!.textContent ?? '');
  expect(rows.map(({ outcomes }: { outcomes: string }) => outcomes.length)).toEqual([700, 700, 700]);
  expect(held[0]).toBe('a <b>cat</b>');
  expect(drawn).toContain('A &#60;sample&#62; of a ladder');
  expect(drawn).not.toContain('<b>cat');
});

test('generated material is no result, and says so first', () => {
  const generated = { ...result, data: { ...result.data, source: 'generated' as const, note: 'GENERATED things' } };
  expect(ladderPage(ladder, generated, titles)).toContain('What is computed here is no result.</b> GENERATED things');
});

test('is the same page for the same result', () => {
  expect(ladderPage(ladder, result, titles)).toBe(drawn);
});
