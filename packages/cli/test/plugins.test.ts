import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { bell, emptyFolder, pare, writeSafetensors } from './_run.ts';

const folder = emptyFolder();
const at = (name: string): string => join(folder, name);

/** A plugin as others write them, of every kind that `compress` uses. Its form keeps a sign and one size for all numbers. */
const PLUGIN = `
const scaleOf = (values) => values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length;
const toDense = ({ scale, signs }) => Float32Array.from(signs, (sign) => sign * scale);
export default {
  name: 'pare-plugin-signs',
  apiVersion: 1,
  stages: [{
    id: 'signs',
    about: 'Keeps the sign of each number of a kernel.',
    options: { '~standard': { version: 1, vendor: 'test', validate: (given) =>
      typeof given.times === 'number' ? { value: given } : { issues: [{ message: 'expected a number', path: ['times'] }] } } },
    create: ({ times }) => ({ name: 'signs', options: { times }, run: (model) => ({ ...model, weights: model.weights.map((weight) =>
      weight.shape.length < 2 ? weight
        : { ...weight, form: { kind: 'signs', scale: times * scaleOf(weight.form.values), signs: Int8Array.from(weight.form.values, Math.sign) } }) }) }),
  }],
  parametrizations: [{ kind: 'signs', toDense, constrainGradient() {}, absorb: (form) => form }],
  encoders: [{ id: 'signs@1', kind: 'signs', encode: ({ scale, signs }) => {
    const bytes = new Uint8Array(4 + Math.ceil(signs.length / 8));
    new DataView(bytes.buffer).setFloat32(0, scale, true);
    signs.forEach((sign, i) => { if (sign > 0) bytes[4 + (i >> 3)] |= 1 << (i & 7); });
    return bytes;
  } }],
  decoders: [{ id: 'signs@1', decode: (bytes, shape) => ({
    kind: 'signs',
    scale: new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0, true),
    signs: Int8Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((bytes[4 + (i >> 3)] >> (i & 7)) & 1 ? 1 : -1)),
  }) }],
  reporters: [{ id: 'badge', extension: 'svg', render: ({ bytes, originalBytes }) => \`<svg>\${(originalBytes / bytes).toFixed(1)}x</svg>\` }],
};
`;

const values = bell(4000, 0.1, 1);

beforeAll(() => {
  writeSafetensors(at('net.safetensors'), {
    'fc.weight': { shape: [10, 400], values },
    'fc.bias': { shape: [10], values: bell(10, 0.5, 2) },
  });
  writeFileSync(at('plugin.mjs'), PLUGIN);
});

const compress = (...words: readonly string[]) =>
  pare(folder, 'compress', 'net.safetensors', '-o', 'net.pare', '--plugin', './plugin.mjs', '--no-baselines', ...words);

describe('a plugin in pare', () => {
  test('its stage changes the network, its codec writes the file, its reporter tells', async () => {
    const { code, stdout } = await compress('--stage', 'signs={"times":1}', '--report', 'badge', '--json');
    expect(code).toBe(0);
    const { weights, bytes } = JSON.parse(stdout);
    expect(weights[0].codec).toBe('signs@1');
    expect(bytes).toBeLessThan(700); // a bit a number, of float32 numbers
    // Numbers of a normal distribution keep 1 − 2/π of their energy as error.
    expect(weights[0].relativeError).toBeCloseTo(Math.sqrt(1 - 2 / Math.PI), 1);
    expect(readFileSync(at('net.pare.svg'), 'utf8')).toBe(`<svg>${(16040 / bytes).toFixed(1)}x</svg>`);
  });

  test('the file is read back with it, and without it names what is missing', async () => {
    await compress('--stage', 'signs={"times":1}');
    const inspected = await pare(folder, 'inspect', 'net.pare', '--plugin', './plugin.mjs', '--json');
    expect(JSON.parse(inspected.stdout).weights[0]).toMatchObject({ form: 'signs', count: 4000, density: 1 });
    const verified = await pare(
      folder,
      ...['verify', 'net.pare', '--against', 'net.safetensors', '--plugin', './plugin.mjs'],
    );
    expect(verified.code).toBe(0);
    const decoded = await pare(
      folder,
      ...['decode', 'net.pare', '-o', 'net.npz', '--plugin', './plugin.mjs', '--no-config'],
    );
    expect(decoded).toMatchObject({ code: 0, stderr: '' });
    const without = await pare(folder, 'inspect', 'net.pare');
    expect(without.code).toBe(1);
    expect(without.stderr).toContain('no decoder for "signs@1" (weight "fc.weight")');
    expect(without.stderr).toContain('Try: --plugin with the name of the package that brings it');
  });

  // As npm create pare-plugin writes it: exports and no main.
  test('it loads from the folder of its package, once that is built', async () => {
    mkdirSync(at('signs/dist'), { recursive: true });
    const exports = { '.': { import: { types: './dist/index.d.ts', default: './dist/index.js' } } };
    writeFileSync(at('signs/package.json'), JSON.stringify({ name: 'pare-plugin-signs', type: 'module', exports }));
    const asked = ['compress', 'net.safetensors', '--dry-run', '--stage', 'signs={"times":1}', '--json'];
    const early = await pare(folder, ...asked, '--plugin', './signs');
    expect(early.code).toBe(2);
    expect(early.stderr).toMatch(/plugin "\.\/signs" does not load: .*; build it first, or name the source file/);

    writeFileSync(at('signs/dist/index.js'), PLUGIN);
    const fromFolder = await pare(folder, ...asked, '--plugin', './signs');
    expect(fromFolder).toMatchObject({ code: 0 });
    expect(JSON.parse(fromFolder.stdout).weights[0].codec).toBe('signs@1');
    expect(await pare(at('signs'), 'compress', '../net.safetensors', ...asked.slice(2), '--plugin', '.')).toMatchObject(
      {
        code: 0,
      },
    );
  });

  test('a stage that does not take the forms of a file is said to have changed nothing', async () => {
    const careful = `import { mapWeights } from '@pare/core';
export default { name: 'careful', apiVersion: 1, stages: [{ id: 'halve', about: 'Halves dense weights.', create: () => ({
  name: 'halve',
  run: (model) => mapWeights(model, ({ weight }) => weight.form.kind !== 'dense' || weight.shape.length < 2 ? weight
    : { ...weight, form: { kind: 'dense', values: weight.form.values.map((value) => value / 2) } }),
}) }] };\n`;
    writeFileSync(at('careful.mjs'), careful);
    const halve = ['--plugin', './careful.mjs', '--stage', 'halve', '--no-baselines', '--no-config'];
    const dense = await pare(folder, 'compress', 'net.safetensors', '-o', 'halved.pare', ...halve);
    expect(dense).toMatchObject({ code: 0 });
    expect(dense.stderr).not.toContain('changed nothing');
    const shared = await pare(folder, 'compress', 'halved.pare', '-o', 'again.pare', ...halve);
    expect(shared.stderr).toContain('note: stage "halve" changed nothing');
  });

  test('a config asks for the same', async () => {
    writeFileSync(
      at('pare.config.mjs'),
      `import signs from './plugin.mjs';\nexport default { plugins: [signs], stages: [['signs', { times: 1 }]] };\n`,
    );
    const { stdout } = await pare(
      folder,
      'compress',
      'net.safetensors',
      '-o',
      'other.pare',
      '--no-baselines',
      '--json',
    );
    expect(JSON.parse(stdout).weights[0].codec).toBe('signs@1');
    expect(readFileSync(at('other.pare'))).toEqual(readFileSync(at('net.pare')));
  });

  test('a slip in the config is said to be there', async () => {
    writeFileSync(at('slip.config.mjs'), `export default { stages: ['prune'] };\n`);
    const { code, stderr } = await pare(
      folder,
      'compress',
      'net.safetensors',
      '--config',
      'slip.config.mjs',
      '--dry-run',
    );
    expect(stderr).toContain('"stages" of the config: no stage "prune"; there are none: add a plugin that brings it');
    expect(code).toBe(2);
  });

  test.each([
    [['--stage', 'prune'], '--stage: no stage "prune"; there are signs'],
    [['--stage', 'signs'], 'options of stage "signs": "times": expected a number; got {}'],
    [['--stage', 'signs={'], '--stage signs: expected options as JSON behind "=", got {:'],
    [['--report', 'poem'], '--report: no reporter "poem"; there are markdown, badge'],
    [['--report', 'badge=net.pare'], 'would replace the output'],
  ])('refuses %j', async (words, message) => {
    const { code, stderr } = await compress('--no-config', ...words);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  test('what nobody asked for is not written', async () => {
    await compress('--no-config', '-o', 'plain.pare', '--dry-run', '--report', 'badge');
    expect(existsSync(at('plain.pare'))).toBe(false);
    expect(existsSync(at('plain.pare.svg'))).toBe(false);
  });
});

test('pare compress --report markdown writes a table that holds strange names', async () => {
  writeSafetensors(at('odd.safetensors'), { 'a|b_<i>': { shape: [4, 8], values: bell(32, 0.1, 3) } });
  const { code } = await pare(
    folder,
    ...['compress', 'odd.safetensors', '--no-config', '--report', 'markdown=odd.md', '--quiet'],
  );
  expect(code).toBe(0);
  const lines = readFileSync(at('odd.md'), 'utf8').split('\n');
  expect(lines[0]).toMatch(/^# odd\.safetensors: \d+ B, [\d.]+x smaller than float32$/);
  expect(lines.find((line) => line.includes('uint8 + brotli'))).toMatch(/^\| uint8 \+ brotli −11 \| \d+ \| /);
  expect(lines.some((line) => line.startsWith('| a\\|b\\_\\<i\\> | 4×8 |'))).toBe(true);
});
