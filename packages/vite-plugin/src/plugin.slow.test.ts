import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { definePlugin, type Model } from '@pare/core';
import { decodeModel } from '@pare/format';
import { exporters } from '@pare/interop';
import { denseValues, smallNetwork } from '@pare/testkit';
import { type Plugin as RollupPlugin, rollup } from 'rollup';
import { build, createServer, type InlineConfig, type ViteDevServer, type Plugin as VitePlugin } from 'vite';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from 'vitest';
import { type PareOptions, pare } from './index.ts';

const model = smallNetwork();

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pare-vite-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
}

/** A page that imports a model as tfjs saves it: `model/net.json`, and shards beside it. */
async function putPage(
  net: Model = model,
  main = "import url from './model/net.json?pare';\nglobalThis.model = url;\n",
) {
  const tfjs = exporters.find(({ id }) => id === 'tfjs')!;
  const { files } = await tfjs.write(net, 'net');
  put({
    'index.html': '<!doctype html><script type="module" src="/main.js"></script>',
    'main.js': main,
    ...Object.fromEntries([...files].map(([name, bytes]) => [`model/${name}`, bytes])),
  });
  return [...files.keys()];
}

function config(options: PareOptions = {}): InlineConfig {
  return { root, configFile: false, logLevel: 'silent', plugins: [pare(options)] };
}

const assetsOf = (folder = 'dist/assets'): Map<string, Uint8Array> =>
  new Map(
    readdirSync(join(root, folder)).map((name) => [name, new Uint8Array(readFileSync(join(root, folder, name)))]),
  );

/** The one compressed model of a build. */
function pareOf(folder?: string): { readonly name: string; readonly bytes: Uint8Array } {
  const found = [...assetsOf(folder)].filter(([name]) => name.endsWith('.pare'));
  expect(found).toHaveLength(1);
  return { name: found[0]![0], bytes: found[0]![1] };
}

/** ‖Δw‖² / ‖w‖² over all weights that have the same name. */
function errorOf(before: Model, after: Model): number {
  const byName = new Map(after.weights.map((weight) => [weight.name, weight]));
  let [energy, noise] = [0, 0];
  for (const { name, form } of before.weights) {
    const [was, is] = [denseValues(form), denseValues(byName.get(name)!.form)];
    was.forEach((value, i) => {
      energy += value ** 2;
      noise += (value - is[i]!) ** 2;
    });
  }
  return noise / energy;
}

test('is a plugin for Vite and for Rollup', () => {
  expectTypeOf(pare()).toExtend<VitePlugin>();
  expectTypeOf(pare()).toExtend<RollupPlugin>();
});

describe('vite build', () => {
  test('emits a compressed model, named by its content, and the page has its URL', async () => {
    await putPage();
    await build(config());
    const { name, bytes } = pareOf();
    expect(name).toMatch(/^net-[\w-]{8}\.pare$/);
    const decoded = decodeModel(bytes);
    expect(decoded.layers.map(({ kind }) => kind)).toEqual(model.layers.map(({ kind }) => kind));
    expect(errorOf(model, decoded)).toBeLessThan(10 ** -3.5); // 36 dB and the biases
    const [, script] = [...assetsOf()].find(([asset]) => asset.endsWith('.js'))!;
    expect(new TextDecoder().decode(script)).toContain(name);
    // Neither the model nor its shards are in the build.
    expect([...assetsOf().keys()].filter((asset) => !/\.(pare|js)$/.test(asset))).toEqual([]);
  });

  test('does as the settings say', async () => {
    await putPage();
    await build(config({ lossless: true }));
    expect(errorOf(model, decodeModel(pareOf().bytes))).toBe(0);
  });

  test('compresses what a pattern names, without ?pare', async () => {
    await putPage(model, "import url from './model/net.json';\nglobalThis.model = url;\n");
    await build(config({ include: '**/model/*.json' }));
    expect(decodeModel(pareOf().bytes).weights).toHaveLength(model.weights.length);
  });

  test('leaves alone what a pattern excludes', async () => {
    await putPage(model, "import net from './model/net.json';\nglobalThis.model = net.format;\n");
    await build(config({ include: /\.json$/, exclude: '**/net.json' }));
    expect([...assetsOf().keys()].filter((asset) => asset.endsWith('.pare'))).toEqual([]);
  });

  test('leaves a .pare file as it is', async () => {
    await putPage();
    await build(config({ bits: 3 }));
    const { bytes } = pareOf();
    put({
      'model/small.pare': bytes,
      'main.js': "import url from './model/small.pare?pare';\nglobalThis.model = url;\n",
    });
    await build(config());
    expect(pareOf().bytes).toEqual(bytes);
  });

  test('reports sizes when it is done', async () => {
    await putPage();
    const said: string[] = [];
    const listen: VitePlugin = {
      name: 'listen',
      configResolved: ({ logger }) => {
        logger.info = (message) => said.push(message);
      },
    };
    await build({ ...config(), plugins: [listen, pare()] });
    expect(said.filter((line) => line.startsWith('pare:'))).toEqual([
      expect.stringMatching(/^pare: model\/net\.json {2}raw [\d.]+ k?B → [\d.]+ k?B \([\d.]+ %\)$/),
    ]);
  });

  test('uses importers of plugins', async () => {
    const numbers = definePlugin({
      name: 'pare-plugin-numbers',
      apiVersion: 1,
      importers: [
        {
          id: 'numbers',
          extensions: ['numbers'],
          recognizes: ({ name }) => name.endsWith('.numbers'),
          read: async ({ bytes }) => ({
            model: {
              layers: [],
              history: [],
              weights: [
                { name: 'n', shape: [bytes.length], form: { kind: 'dense', values: Float32Array.from(bytes) } },
              ],
            },
            notes: ['its names are made up'],
          }),
        },
      ],
    });
    await putPage(model, "import url from './model/x.numbers?pare';\nglobalThis.model = url;\n");
    put({ 'model/x.numbers': Uint8Array.of(1, 2, 3) });
    await build(config({ plugins: [numbers], lossless: true }));
    expect(denseValues(decodeModel(pareOf().bytes).weights[0]!.form)).toEqual(Float32Array.of(1, 2, 3));
  });
});

describe('errors name the file', () => {
  const failure = async (options?: PareOptions): Promise<string> =>
    build(config(options)).then(
      () => 'no error',
      (error: Error) => error.message,
    );

  test('that is not there', async () => {
    await putPage(model, "import './nothing.json?pare';\n");
    expect(await failure()).toMatch(/no file "\.\/nothing\.json" for .*main\.js/);
  });

  test('whose shard is not there', async () => {
    const [, shard] = await putPage();
    rmSync(join(root, 'model', shard!));
    expect(await failure()).toMatch(new RegExp(`model/net\\.json: .*"${shard}" beside it, which is not there`));
  });

  test('that is damaged', async () => {
    const [, shard] = await putPage();
    put({ [`model/${shard}`]: Uint8Array.of(1, 2, 3) });
    expect(await failure()).toMatch(/model\/net\.json: corrupt data/);
  });

  test('that nothing reads', async () => {
    await putPage(model, "import './readme.md?pare';\n");
    put({ 'readme.md': '# no model' });
    expect(await failure()).toMatch(/readme\.md: nothing here reads "readme\.md"/);
  });

  test('and the setting that is out of range', async () => {
    await putPage();
    expect(await failure({ bits: 40 })).toMatch(
      /model\/net\.json: compressModel: "bits" expected a whole number 1 … 16, got 40/,
    );
  });
});

describe('the cache', () => {
  const folder = (): string => join(root, 'node_modules/.cache/pare');

  test('keeps what was compressed, by content and settings', async () => {
    await putPage();
    await build(config());
    const first = pareOf().bytes;
    const [entry, ...others] = readdirSync(folder());
    expect(others).toEqual([]);
    // What stands there is what is used: its hash is in front, so this is another finished file of the same key.
    expect(new Uint8Array(readFileSync(join(folder(), entry!)).subarray(32))).toEqual(first);
    await build(config());
    expect(readdirSync(folder())).toEqual([entry]);
    expect(pareOf().bytes).toEqual(first);
    await build(config({ snr: 20 }));
    expect(readdirSync(folder())).toHaveLength(2);
    expect(pareOf().bytes.length).toBeLessThan(first.length);
  });

  test('is not believed when it is damaged', async () => {
    await putPage();
    await build(config());
    const { bytes } = pareOf();
    const [entry] = readdirSync(folder());
    const stored = readFileSync(join(folder(), entry!));
    stored[stored.length - 5]! ^= 1;
    writeFileSync(join(folder(), entry!), stored);
    await build(config());
    expect(pareOf().bytes).toEqual(bytes);
  });

  test('can be elsewhere, or nowhere', async () => {
    await putPage();
    await build(config({ cache: 'kept' }));
    expect(readdirSync(join(root, 'kept'))).toHaveLength(1);
    await build(config({ cache: false }));
    expect(() => readdirSync(folder())).toThrow();
  });
});

describe('the dev server', () => {
  let server: ViteDevServer | undefined;
  afterEach(() => server?.close());

  async function serve(options?: PareOptions, base = '/'): Promise<string> {
    server = await createServer({
      ...config(options),
      base,
      server: { port: 0, host: '127.0.0.1', watch: null },
      optimizeDeps: { noDiscovery: true },
    });
    await server.listen();
    const { port } = server.httpServer!.address() as { port: number };
    return `http://127.0.0.1:${port}`;
  }

  /** The URL that the module of a model gives. */
  async function modelUrl(origin: string, base = '/'): Promise<string> {
    const main = await (await fetch(`${origin}${base}main.js`)).text();
    const imported = /from "([^"]*pare[^"]*)"/.exec(main)![1]!;
    const text = await (await fetch(origin + imported)).text();
    return JSON.parse(/export default (".*?")/.exec(text)![1]!);
  }

  test.each(['/', '/app/'])('serves the compressed file, based at %s', async (base) => {
    await putPage();
    const origin = await serve({}, base);
    const url = await modelUrl(origin, base);
    expect(url).toMatch(new RegExp(`^${base}@pare/[0-9a-f]{16}/net\\.pare$`));
    const response = await fetch(origin + url);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(decodeModel(new Uint8Array(await response.arrayBuffer())).weights).toHaveLength(model.weights.length);
  });

  test('serves a file whose name needs escapes, and leaves addresses with wrong ones to others', async () => {
    await putPage(model, "import url from './model/näs 1.json?pare';\nglobalThis.model = url;\n");
    renameSync(join(root, 'model/net.json'), join(root, 'model/näs 1.json'));
    const origin = await serve();
    const response = await fetch(origin + (await modelUrl(origin)));
    expect(decodeModel(new Uint8Array(await response.arrayBuffer())).weights).toHaveLength(model.weights.length);
    expect((await fetch(`${origin}/%E0%A4%A`)).status).not.toBe(500);
  });

  test('gives another URL when a shard has changed', async () => {
    const [, shard] = await putPage();
    const origin = await serve();
    const before = await modelUrl(origin);
    const bytes = readFileSync(join(root, 'model', shard!));
    bytes.writeFloatLE(3, 0);
    put({ [`model/${shard}`]: bytes });
    const client = server!.environments.client;
    const plugin = server!.config.plugins.find(({ name }) => name === 'pare') as ReturnType<typeof pare>;
    const changed = plugin.hotUpdate.call({ environment: client }, { file: join(root, 'model', shard!), modules: [] });
    expect(changed).toHaveLength(1);
    client.moduleGraph.invalidateAll();
    expect(await modelUrl(origin)).not.toBe(before);
  });
});

describe('rollup', () => {
  async function bundle(plugin: RollupPlugin = pare()) {
    const built = await rollup({ input: join(root, 'main.js'), plugins: [plugin], logLevel: 'silent' });
    const { output } = await built.generate({ format: 'es' });
    await built.close();
    return { output, watched: built.watchFiles };
  }

  test('emits the same file', async () => {
    const files = await putPage();
    const { output, watched } = await bundle(pare({ cache: join(root, 'cache') }));
    const asset = output.find(({ fileName }) => fileName.endsWith('.pare'))!;
    await build(config());
    expect(asset.type === 'asset' && asset.source).toEqual(pareOf().bytes);
    expect(output[0].code).toContain(asset.fileName);
    // All files are watched, and a change of any starts the build anew.
    for (const file of files) expect(watched).toContain(join(root, 'model', file));
  });
});
