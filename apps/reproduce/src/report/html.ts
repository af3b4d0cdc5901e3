/** A piece of a page whose text has been made safe. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = Html | string | number | readonly Part[] | null | undefined | false;

/**
 * Joins markup and values, making values safe: numbers and strings are text, pieces of page are taken as they are, lists are joined,
 * nothing is left out.
 *
 * @example
 * html`<p>${'a < b'}</p>`.text // '<p>a &#60; b</p>'
 */
export const html = (markup: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  new Html(markup.map((text, i) => (i === 0 ? '' : show(parts[i - 1])) + text).join(''));

/** Takes text for markup: for what a library drew. */
export const trusted = (markup: string): Html => new Html(markup);

function show(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return part.map(show).join('');
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/**
 * Makes JSON that may stand in a script element: no `<` in it can end the element.
 *
 * @example
 * scriptJson('</script>') // '"\\u003c/script>"'
 */
export const scriptJson = (value: unknown): string => JSON.stringify(value).replace(/</g, '\\u003c');
