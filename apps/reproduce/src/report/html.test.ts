import { expect, test } from 'vitest';
import { html, scriptJson, trusted } from './html.ts';

test('values are text, never markup', () => {
  expect(html`<p title="${'"'}">${'<script>'} & ${3}</p>`.text).toBe('<p title="&#34;">&#60;script&#62; & 3</p>');
});

test('pieces of page stay markup, lists are joined, nothing is left out', () => {
  expect(
    html`<ul>${[1, 2].map((n) => html`<li>${n}</li>`)}${false}${null}${undefined}${trusted('<hr>')}</ul>`.text,
  ).toBe('<ul><li>1</li><li>2</li><hr></ul>');
});

test('JSON in a script cannot end it', () => {
  expect(scriptJson(['</script>', 1])).toBe('["\\u003c/script>",1]');
  expect(JSON.parse(scriptJson(['</script>', 1]))).toEqual(['</script>', 1]);
});
