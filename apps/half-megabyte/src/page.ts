import { adaptive } from '@pare/format/adaptive';
import { type Pixels, type Runtime, streamRuntime } from '@pare/runtime';

/** One answer of the network. */
export interface Answer {
  readonly index: number;
  readonly name: string;
  readonly probability: number;
}

/** The network begins to load with the page; a picture can be given before it is there. */
const network: Promise<Runtime> = load('network.pare');
const names: Promise<readonly string[]> = lines('labels.txt');

async function load(url: string): Promise<Runtime> {
  const response = await fetch(url);
  if (!response.ok || !response.body) throw new Error(`${url}: the server answers ${response.status}`);
  return streamRuntime(response.body, { decoders: [adaptive] });
}

/** None where there is no such file: classes then have numbers. */
async function lines(url: string): Promise<string[]> {
  try {
    const response = await fetch(url);
    return response.ok ? (await response.text()).split('\n') : [];
  } catch {
    return [];
  }
}

/** The five likeliest answers, the likeliest first; of equals the one with the lower number. */
export async function classify(pixels: Pixels): Promise<Answer[]> {
  const logits = await (await network).run(pixels);
  const largest = logits.reduce((most, value) => Math.max(most, value), -Infinity);
  const sum = logits.reduce((total, value) => total + Math.exp(value - largest), 0);
  const known = await names;
  return Array.from(logits, (_, index) => index)
    .sort((a, b) => logits[b]! - logits[a]! || a - b)
    .slice(0, 5)
    .map((index) => ({
      index,
      name: known[index] || `class ${index}`,
      probability: Math.exp(logits[index]! - largest) / sum,
    }));
}

let last: Blob | undefined;

async function show(file: Blob): Promise<void> {
  last = file;
  const picture = await createImageBitmap(file);
  const { width, height } = picture;
  const canvas = document.querySelector('canvas')!;
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.drawImage(picture, 0, 0);
  const start = performance.now();
  const answers = await classify(context.getImageData(0, 0, width, height));
  const took = performance.now() - start;
  if (file !== last) return; // another was chosen meanwhile
  document.querySelector('ol')!.replaceChildren(
    ...answers.map(({ name, probability }) => {
      const item = document.createElement('li');
      item.textContent = `${name} ${(100 * probability).toFixed(1)} %`;
      return item;
    }),
  );
  tell(`${took.toFixed(0)} ms`);
}

function tell(text: string): void {
  document.querySelector('output')!.textContent = text;
}

const tellError = (error: Error): void => tell(error.message);
network.catch(tellError);

document.querySelector('input')!.addEventListener('change', ({ currentTarget }) => {
  const [file] = (currentTarget as HTMLInputElement).files ?? [];
  if (file) show(file).catch(tellError);
});

// For who looks in from outside, such as scripts/half-megabyte.mjs.
Object.assign(globalThis, { classify });
