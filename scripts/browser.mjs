/**
 * What users get in a browser: a Vite page made of the packed packages does the task of each, decodes a .pare file, also in a worker and by
 * ranges, loads it as a
 * tfjs model, gets another from the Vite plugin, uses a created plugin of each kind, and trains LeNet-300-100 for some steps on tfjs's
 * wasm backend, in headless Chromium. The page is scripts/browser-page. A page that webpack makes (scripts/webpack-page), a classic script,
 * runs the same file, with threads where it is served as cross-origin isolated and on one where it is not.
 */
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { build, preview } from 'vite';
import webpack from 'webpack';
import { chromiumPath, FLAGS } from './_chromium.mjs';
import { buildPlugins, createPlugins } from './_plugins.mjs';
import { mustRun } from './_run.mjs';
import { inEmptyFolder, installPacked } from './_tarballs.mjs';
import { CI, publicPackages, ROOT, SKIPPED } from './_workspace.mjs';

const SECONDS = 180;

/** What runs in Node alone. */
const NOT_FOR_BROWSERS = ['@pare/cli', '@pare/vite-plugin', '@pare/testkit', 'create-pare-plugin'];

/** With these a page may share memory with its workers. */
const ISOLATED = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

const executablePath = chromiumPath();
if (executablePath) {
  // unref: a late timer must not keep a finished test alive.
  setTimeout(() => {
    console.error(`not done after ${SECONDS} s`);
    process.exit(1); // playwright kills its browser when this process exits
  }, SECONDS * 1000).unref();
  await inEmptyFolder(test);
} else {
  console.log('no Chromium: install chromium or set CHROME_PATH');
  process.exitCode = CI ? 1 : SKIPPED;
}

async function test(folder) {
  await installPacked(folder);
  await createPlugins(folder);
  await buildPlugins(folder, '--no-dts');
  cpSync(join(ROOT, 'scripts', 'browser-page'), folder, { recursive: true });
  cpSync(join(ROOT, 'scripts', '_tasks.mjs'), join(folder, 'tasks.js'));
  writeFileSync(join(folder, 'packages.js'), packagesModule());
  const { stdout } = await mustRun([process.execPath, 'make-model.js'], { cwd: folder });
  const expected = JSON.parse(stdout);

  // The plugin that a user has installed, not the one of the workspace.
  const { pare } = await import(pathToFileURL(join(folder, 'node_modules/@pare/vite-plugin/dist/index.js')).href);
  const alias = { 'node:assert/strict': join(folder, 'assert.js') };
  const page = { root: folder, configFile: false, logLevel: 'error', plugins: [pare({ bits: 6 })], resolve: { alias } };
  await build({ ...page, build: { target: 'es2022', chunkSizeWarningLimit: 4000 } });
  await buildWithWebpack(folder);
  const { url, close } = await serve(folder, 'dist');
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  try {
    const { plugins, summary, inWorker, byRange, fromPlugin, runs, answers, reports, before, after } = await visit(
      browser,
      url,
    );
    expect('decoded model', summary, expected);
    expect('decoded in a worker', inWorker, expected);
    expect('read by ranges', byRange, expected);
    const names = expected.map(({ name }) => name).sort();
    expect('compressed by the Vite plugin', fromPlugin.sort(), names);
    const sound = { stage: true, form: true, codec: true, importer: 6, hardware: true, reporter: true };
    expect('created plugins', plugins, sound);
    expect('answers of the runtime in a worker', runs[1], runs[0]);
    expect('answers of the loaded tfjs model', [answers.length, answers.every(Number.isFinite)], [10, true]);
    expect('progress was told', reports > 0, true);
    expect('loss is lower after training', after.loss < before.loss / 2, true);
    expect('errors after training', after.error, 0);
    for (const isolated of [true, false]) {
      const found = await visitWebpackPage(folder, browser, isolated);
      const wanted = { isolated, outputs: [runs[0], runs[0]], threads: isolated ? 2 : 1, isSame: true };
      expect(`page of webpack, ${isolated ? 'isolated' : 'not isolated'}`, found, wanted);
    }
    console.log(
      `decoded ${summary.length} weights; trained from loss ${before.loss.toFixed(3)} to ${after.loss.toFixed(3)}`,
    );
  } finally {
    await browser.close();
    await close();
  }
}

/** Serves what was built into a folder of a folder. */
async function serve(root, outDir, headers = {}) {
  const options = { root, configFile: false, logLevel: 'error', build: { outDir } };
  const server = await preview({ ...options, preview: { port: 0, strictPort: false, headers } });
  const close = () => new Promise((closed) => server.httpServer.close(closed));
  return { url: server.resolvedUrls.local[0], close };
}

/** As a user without a configuration does: the defaults of webpack, but for where things are. */
async function buildWithWebpack(folder) {
  const context = join(folder, 'webpack-page');
  cpSync(join(ROOT, 'scripts', 'webpack-page'), context, { recursive: true });
  const output = { path: join(folder, 'webpack') };
  const stats = await promisify(webpack)({ mode: 'production', context, entry: './main.js', output });
  if (stats.hasErrors()) throw new Error(stats.toString('errors-only'));
  cpSync(join(folder, 'public/model.pare'), join(output.path, 'model.pare'));
  writeFileSync(
    join(output.path, 'index.html'),
    '<!doctype html><link rel="icon" href="data:,"><script src="main.js"></script>',
  );
}

async function visitWebpackPage(folder, browser, isIsolated) {
  const { url, close } = await serve(folder, 'webpack', isIsolated ? ISOLATED : {});
  try {
    return await visit(browser, url);
  } finally {
    await close();
  }
}

/** A module that imports each package by itself, for the tasks of scripts/_tasks.mjs. */
function packagesModule() {
  const packages = publicPackages().filter(({ name }) => !NOT_FOR_BROWSERS.includes(name));
  const doors = packages.flatMap(({ doors }) => doors.filter((door) => door.isImported).map(({ name }) => name));
  return [
    `const doors = {\n${doors.map((door) => `  '${door}': () => import('${door}'),`).join('\n')}\n};`,
    `export const load = (name) => doors[name]();`,
    `export const names = ${JSON.stringify(packages.map(({ name }) => name))};`,
    '',
  ].join('\n');
}

/** Opens the page, which may talk to its own server only, and waits for what it found. */
async function visit(browser, url) {
  const page = await browser.newPage();
  const troubles = [];
  page.on('pageerror', (error) => troubles.push(`uncaught ${error.message}`));
  page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()));
  await page.route('**', (route) => {
    if (route.request().url().startsWith(url)) return route.continue();
    troubles.push(`the page asked for ${route.request().url()}`);
    return route.abort();
  });
  await page.goto(url);
  const handle = await page
    .waitForFunction(() => globalThis.outcome, undefined, { timeout: 60_000 })
    .catch((error) => {
      throw new Error([error.message, ...troubles].join('\n'));
    });
  const outcome = await handle.jsonValue();
  if (outcome.error) troubles.push(outcome.error);
  if (troubles.length > 0) throw new Error(troubles.join('\n'));
  return outcome.result;
}

function expect(what, got, wanted) {
  const [a, b] = [JSON.stringify(got), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${what}: expected ${b}, got ${a}`);
}
