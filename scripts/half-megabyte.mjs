/**
 * The half-megabyte page in headless Chromium: built, served with brotli, and asked for the picture that Node was asked for, from the same
 * pixels. The five likeliest answers must be the same, and what was served must stay within its bounds.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { buildPage, usualNetwork } from '../apps/half-megabyte/build.mjs';
import { chromiumPath, FLAGS } from './_chromium.mjs';
import { mustRun } from './_run.mjs';
import { inEmptyFolder } from './_tarballs.mjs';
import { CI, ROOT, SKIPPED } from './_workspace.mjs';

const MOST_BYTES = 500_000;
/** Runtime, kernels and decoder. */
const MOST_CODE_BYTES = 40_000;
const SECONDS = 140;
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.pare': 'application/octet-stream',
  '.txt': 'text/plain',
};

const executablePath = chromiumPath();
if (executablePath) {
  setTimeout(() => {
    console.error(`not done after ${SECONDS} s`);
    process.exit(1);
  }, SECONDS * 1000).unref();
  await inEmptyFolder(test);
} else {
  console.log('no Chromium: install chromium or set CHROME_PATH');
  process.exitCode = CI ? 1 : SKIPPED;
}

async function test(folder) {
  const found = usualNetwork();
  const network = found ?? join(folder, 'network.pare');
  const expected = await inNode('answers.ts', network, ...(found ? [] : ['--make']));
  const { out } = await buildPage(network);
  const server = await serve(out);
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  try {
    const answers = await visit(browser, server.url);
    const indices = (list) => list.map(({ index }) => index).join(' ');
    if (indices(answers) !== indices(expected)) {
      throw new Error(`expected the answers ${indices(expected)}, got ${indices(answers)}`);
    }
    const code = server.bytesOf('.js');
    const all = code + server.bytesOf('.pare') + server.bytesOf('.html');
    console.log(
      `served ${all} B, of them code ${code} B; ${found ? 'the best network of the ladder' : 'generated weights'}`,
    );
    if (all > MOST_BYTES) throw new Error(`served ${all} B, more than ${MOST_BYTES}`);
    if (code > MOST_CODE_BYTES) throw new Error(`code of ${code} B, more than ${MOST_CODE_BYTES}`);
  } finally {
    await browser.close();
    await server.close();
  }
}

/** Runs a file of the app on the sources of all packages and reads what it prints. */
async function inNode(file, ...words) {
  const script = join(ROOT, 'apps/half-megabyte/src', file);
  const command = [process.execPath, '--conditions=@pare/source', '--import', 'tsx', script, ...words];
  return JSON.parse((await mustRun(command, { cwd: join(ROOT, 'apps/half-megabyte'), seconds: 120 })).stdout);
}

/** Serves a folder with brotli, as hosts do, and counts the bytes of bodies by kind. */
async function serve(folder) {
  const sent = {};
  const server = createServer(({ url }, response) => {
    const path = url === '/' ? '/index.html' : url;
    const kind = extname(path);
    let content;
    try {
      content = readFileSync(join(folder, path));
    } catch {
      response.writeHead(404).end();
      return;
    }
    const small = brotliCompressSync(content);
    const coded = small.length < content.length;
    const body = coded ? small : content;
    sent[kind] = (sent[kind] ?? 0) + body.length;
    response
      .writeHead(200, { 'content-type': TYPES[kind] ?? '', ...(coded && { 'content-encoding': 'br' }) })
      .end(body);
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://localhost:${server.address().port}/`,
    bytesOf: (kind) => sent[kind] ?? 0,
    close: () => new Promise((closed) => server.close(closed)),
  };
}

/** Opens the page and asks it for the picture of apps/half-megabyte/src/picture.ts, pixel by pixel. */
async function visit(browser, url) {
  const { data, ...size } = await inNode('print-picture.ts');
  const page = await browser.newPage();
  const troubles = [];
  page.on('pageerror', (error) => troubles.push(error.message));
  await page.goto(url);
  const ask = async ({ width, height, data: text }) => {
    const bytes = Uint8ClampedArray.from(atob(text), (character) => character.charCodeAt(0));
    return globalThis.classify(new ImageData(bytes, width, height));
  };
  const answers = await page.evaluate(ask, { ...size, data }).catch((error) => {
    throw new Error([error.message, ...troubles].join('\n'));
  });
  if (troubles.length > 0) throw new Error(troubles.join('\n'));
  return answers;
}
