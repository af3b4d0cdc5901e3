/**
 * Builds the page: `node apps/half-megabyte/build.mjs [network.pare [labels.txt]]` → apps/half-megabyte/out/, and says what a
 * browser downloads. Without arguments the network is the best file that `pnpm reproduce` left, or, if it has not run, a SqueezeNet
 * of generated weights of the same size.
 */
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'vite';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const OUT = join(HERE, 'out');
/** What `pnpm reproduce` leaves: the best first. */
const LADDER = ['full', 'quick'].map((mode) =>
  join(HERE, `../reproduce/out/alexnet-to-squeezenet/${mode}/squeezenet-best.pare`),
);

/**
 * WebAssembly travels as base64 in the packages, since every tool copes with that. Text whose characters are the bytes takes a third less
 * after brotli, if no byte is written as an escape that need not be: so it is put in after the minifier.
 */
function bytesAsText() {
  const texts = [];
  return {
    name: 'bytes-as-text',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith('.wasm.ts')) return undefined;
      return code.replace(/'([A-Za-z0-9+/]{100,}=*)'/, (_, base64) => {
        texts.push(Buffer.from(base64, 'base64').toString('latin1'));
        return `btoa("${placeOf(texts.length - 1)}")`;
      });
    },
    generateBundle(_, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue;
        for (const [number, text] of texts.entries()) {
          // In a template nothing needs to be escaped but what ends it, what begins an expression, and a carriage return.
          const literal = text.replace(/[\\`]|\$(?=\{)/g, '\\$&').replaceAll('\r', '\\r');
          chunk.code = chunk.code.replace(new RegExp(`(["'\`])${placeOf(number)}\\1`), () => `\`${literal}\``);
        }
      }
    },
  };
}

const placeOf = (number) => `bytes of module ${number}`;

/** @returns {Promise<{ out: string, files: { name: string, bytes: number, served: number }[] }>} `served`: with brotli; a .pare file as it is */
export async function buildPage(network, labels) {
  await build({
    root: HERE,
    base: './',
    configFile: false,
    logLevel: 'warn',
    plugins: [bytesAsText()],
    resolve: { conditions: ['@pare/source'] },
    build: { outDir: OUT, emptyOutDir: true, target: 'es2022', modulePreload: { polyfill: false } },
  });
  writeFileSync(join(OUT, 'network.pare'), readFileSync(network));
  if (labels) copyFileSync(labels, join(OUT, 'labels.txt'));
  const files = readdirSync(OUT, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, path, name }) => {
      const content = readFileSync(join(parentPath ?? path, name));
      return { name, bytes: content.length, served: Math.min(content.length, brotliCompressSync(content).length) };
    });
  return { out: OUT, files };
}

/** The network to show, if none is named. */
export const usualNetwork = () => LADDER.find((file) => existsSync(file));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [network = usualNetwork(), labels] = process.argv.slice(2);
  if (!network) throw new Error('build: no network: name a .pare file, or run `pnpm reproduce` first');
  const { files } = await buildPage(network, labels);
  for (const { name, bytes, served } of files)
    console.log(`${String(bytes).padStart(8)} B, served ${served} B  ${name}`);
  console.log(`${files.reduce((sum, { served }) => sum + served, 0)} B in all`);
}
