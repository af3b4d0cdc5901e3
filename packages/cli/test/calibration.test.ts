import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { initialize, sequence } from '@pare/architectures';
import { denseWeight, type Layer, type Model, seededRandom } from '@pare/core';
import { decodeModel, encodeModel } from '@pare/format';
import { npzExporter } from '@pare/interop';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { writePng } from './_pictures.ts';
import { bell, emptyFolder, pare } from './_run.ts';

const loaded = vi.hoisted(() => ({ tfjs: false }));
vi.mock('@pare/tfjs', async (original) => {
  loaded.tfjs = true;
  return original();
});

const folder = emptyFolder();
const at = (...names: string[]): string => join(folder, ...names);
const PICTURES = 10;
const preprocess = { resize: 8, channelOrder: 'bgr', scale: 1 / 128, mean: [1, 1, 1] } as const;
const steps = [
  { kind: 'conv2d', name: 'conv1', filters: 8, kernelSize: 3 },
  { kind: 'relu', name: 'relu1' },
  { kind: 'flatten', name: 'flatten' },
  { kind: 'dense', name: 'fc', units: 3 },
] as const;

const write = (name: string, layers: Layer[], model: Partial<Model> = {}): void =>
  writeFileSync(at(name), encodeModel({ ...initialize(layers, seededRandom(1)), ...model }));

async function writeNpz(
  name: string,
  arrays: Record<string, { shape: number[]; values: Float32Array }>,
): Promise<void> {
  const weights = Object.entries(arrays).map(([key, { shape, values }]) => denseWeight(key, shape, values));
  const { files } = await npzExporter.write({ layers: [], weights, history: [] }, 'a');
  writeFileSync(at(name), files.get('a.npz')!);
}

beforeAll(async () => {
  write('net.pare', sequence([3, 8, 8], steps, preprocess));
  write('raw.pare', sequence([3, 8, 8], steps));
  mkdirSync(at('pictures', 'deep', '.hidden'), { recursive: true });
  const labels: Record<string, unknown> = {};
  for (let i = 0; i < PICTURES; i++) {
    const path = i % 2 ? `deep/${i}.png` : `${i}.PNG`;
    // Wider than high: what is cut out are its middle columns.
    writePng(at('pictures', path), 20, 10, (y) => [(25 * i) % 256, (20 * y + 7 * i) % 256, (40 * ((i + y) % 5)) % 256]);
    labels[path] = i % 4 ? i % 3 : { class: i % 3, label: 'with a name' };
  }
  writeFileSync(at('pictures', 'labels.json'), JSON.stringify({ ...labels, 'gone.png': 1 }));
  writeFileSync(at('pictures', 'README.md'), 'no picture');
  writeFileSync(at('pictures', 'deep', '.hidden', 'a.png'), 'no picture either');
  cpSync(at('pictures'), at('unlabelled'), { recursive: true });
  rmSync(at('unlabelled', 'labels.json'));
  await writeNpz('x.npz', { x: { shape: [12, 3, 8, 8], values: bell(12 * 192, 1, 1) } });
});

test('pare compress does without tfjs where no examples are given', async () => {
  expect((await pare(folder, 'compress', 'net.pare', '-o', 'plain.pare', '-q', '--no-baselines')).code).toBe(0);
  expect(loaded.tfjs).toBe(false);
});

describe('pare compress --calibration', () => {
  beforeAll(async () => (await import('@pare/tfjs')).startWasm()); // takes a second, once

  test('learns from images, tells the drift, and prints nothing but its object', async () => {
    const said = (['log', 'info', 'debug'] as const).map((name) => vi.spyOn(console, name));
    const words = [
      'compress',
      'net.pare',
      '-o',
      'a.pare',
      '--calibration',
      'pictures',
      '--max-drift',
      '0.05',
      '--json',
    ];
    const { code, stdout, stderr } = await pare(folder, ...words);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    for (const spy of said) expect(spy).not.toHaveBeenCalled();
    const { calibration, notes, bytes } = JSON.parse(stdout);
    expect(calibration).toMatchObject({ examples: PICTURES, labelled: true, drift: { count: 2 } });
    expect(calibration.drift.divergence).toBeLessThanOrEqual(0.05);
    expect(calibration.drift).toHaveProperty('drop');
    expect(notes).toEqual([`${PICTURES} calibration examples are few: a hundred or more tell better what matters`]);
    expect(bytes).toBe(readFileSync(at('a.pare')).length);
    expect(decodeModel(readFileSync(at('a.pare'))).layers[0]).toMatchObject({ preprocess });
  });

  test('the same examples and seed give the same bytes', async () => {
    for (const name of ['e.pare', 'f.pare']) {
      await pare(folder, 'compress', 'net.pare', '-o', name, '--calibration', 'pictures', '-q', '--no-baselines');
    }
    expect(readFileSync(at('e.pare'))).toEqual(readFileSync(at('f.pare')));
  });

  test('shows how far it is, of numbers in an .npz, in a size', async () => {
    const { code, stdout, stderr } = await pare(
      folder,
      ...['compress', 'raw.pare', '-o', 'b.pare', '--calibration', 'x.npz', '--target-size', '1kB'],
    );
    expect(stderr).toContain('reading examples …');
    expect(code).toBe(0);
    expect(stdout).toMatch(/held-back examples +mean divergence +same answer\n +2 +[\d.e-]+ nats/);
    expect(readFileSync(at('b.pare')).length).toBeLessThanOrEqual(1000);
  });

  test('--multiplications prunes to a share of them', async () => {
    const words = ['compress', 'raw.pare', '-o', 'm.pare', '--calibration', 'x.npz', '--target-size', '1kB'];
    const { code } = await pare(
      folder,
      ...words,
      '--multiplications',
      '0.5',
      '--coding',
      'fast',
      '-q',
      '--no-baselines',
    );
    expect(code).toBe(0);
    const { weights } = decodeModel(readFileSync(at('m.pare')), { dense: true });
    const [conv = 0, fc = 0] = [0, 2].map((i) => {
      const { form } = weights[i]!;
      return 'values' in form ? form.values.filter((value) => value !== 0).length : 0;
    });
    expect((36 * conv + fc) / (36 * 216 + 864)).toBeLessThanOrEqual(0.5); // conv1 is applied at 6 × 6 places
    expect(conv).toBeGreaterThan(0);
  });

  test('--max-drop needs labels, and takes points', async () => {
    const words = ['compress', 'net.pare', '-o', 'c.pare', '--max-drop', '0', '--json', '--calibration'];
    const { stdout } = await pare(folder, ...words, 'pictures');
    expect(JSON.parse(stdout).calibration.drift.drop).toBeLessThanOrEqual(0);
    const { code, stderr } = await pare(folder, ...words, 'unlabelled');
    expect(stderr).toMatch(/--max-drop: the examples of unlabelled have no labels/);
    expect(code).toBe(2);
  });

  test('--preprocess says how images become the input, and the file says it on', async () => {
    writeFileSync(at('p.json'), JSON.stringify(preprocess));
    const words = ['compress', 'raw.pare', '-o', 'd.pare', '-q', '--calibration', 'pictures'];
    const { code, stderr } = await pare(folder, ...words);
    expect(stderr).toMatch(/say it by --preprocess FILE, or give an \.npz with "x" in float32/);
    expect(code).toBe(2);
    expect((await pare(folder, ...words, '--preprocess', 'p.json')).code).toBe(0);
    expect(decodeModel(readFileSync(at('d.pare'))).layers[0]).toMatchObject({ preprocess });
  });
});

describe('pare compress --calibration refuses', () => {
  const compress = (model: string, ...words: string[]) => pare(folder, 'compress', model, '-o', 'no.pare', ...words);

  test.each([
    [['--calibration', 'nowhere'], /there is no folder or file .*nowhere/],
    [['--max-drift', '1'], /--max-drift needs --calibration PATH/],
    [['--max-drop', '1'], /--max-drop needs --calibration PATH/],
    [['--multiplications', '0.5'], /--multiplications needs --calibration PATH/],
    [
      ['--calibration', 'x.npz', '--multiplications', '0.01'],
      /--multiplications expected .*from 0.05 to 1, got "0.01"/,
    ],
    [
      ['--calibration', 'x.npz', '--multiplications', '0.5', '--density', '0.5'],
      /--multiplications and --density: expected one/,
    ],
    [
      ['--calibration', 'x.npz', '--max-drift', '1', '--target-size', '1kB'],
      /--target-size and --max-drift: expected one/,
    ],
    [['--calibration', 'x.npz', '--max-drop', 'none'], /--max-drop expected points from 0 to 100, got "none"/],
    [['--calibration', 'x.npz', '--architecture', 'lenet-5'], /the file brings its own layers/],
    [['--calibration', 'x.npz', '--preprocess', 'nowhere.json'], /--preprocess: cannot read/],
  ])('%j', async (words, message) => {
    const { code, stderr } = await compress('net.pare', ...words);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  test('a picture that is none, of another format, or without a class, each by name', async () => {
    cpSync(at('pictures'), at('bad'), { recursive: true });
    writeFileSync(at('bad', 'deep', 'text.png'), 'no picture');
    const bad = () => compress('net.pare', '--calibration', 'bad');
    expect((await bad()).stderr).toMatch(/labels\.json names no class of "deep\/text\.png"/);
    rmSync(at('bad', 'labels.json'));
    const { code, stderr } = await bad();
    expect(stderr).toMatch(
      /image .*text\.png: readImage: expected a JPEG or PNG image, got bytes that begin with 6e 6f/,
    );
    expect(code).toBe(1);
    writeFileSync(at('bad', 'x.webp'), '');
    expect((await bad()).stderr).toMatch(/x\.webp is neither JPEG nor PNG/);
    expect(existsSync(at('no.pare'))).toBe(false);
  });

  test('classes that the network does not have, and too few pictures', async () => {
    mkdirSync(at('one'));
    writePng(at('one', 'a.png'), 8, 8, () => [1, 2, 3]);
    expect((await compress('net.pare', '--calibration', 'one')).stderr).toMatch(/expected at least 2 examples.*got 1/);
    writePng(at('one', 'b.png'), 8, 8, () => [9, 2, 3]);
    writeFileSync(at('one', 'labels.json'), '{ "a.png": 1, "b.png": 3 }');
    expect((await compress('net.pare', '--calibration', 'one')).stderr).toMatch(
      /a label 3, and the network tells 3 classes/,
    );
    writeFileSync(at('one', 'labels.json'), '{ "a.png": 1, "b.png": "cat" }');
    expect((await compress('net.pare', '--calibration', 'one')).stderr).toMatch(
      /class of "b\.png" expected a whole number ≥ 0, got "cat"/,
    );
  });

  test('arrays of another shape', async () => {
    const x = { shape: [4, 8, 8, 3], values: bell(768, 1, 1) };
    await writeNpz('last.npz', { x });
    expect((await compress('net.pare', '--calibration', 'last.npz')).stderr).toMatch(
      /expected shape \[N, 3, 8, 8\] for this network, got \[4, 8, 8, 3\]: put channels first/,
    );
    await writeNpz('none.npz', { y: x });
    expect((await compress('net.pare', '--calibration', 'none.npz')).stderr).toMatch(/has no array "x"/);
    await writeNpz('y.npz', {
      x: { ...x, shape: [4, 3, 8, 8] },
      y: { shape: [4], values: Float32Array.of(0, 1, 0.5, 1) },
    });
    expect((await compress('net.pare', '--calibration', 'y.npz')).stderr).toMatch(
      /"y" expected numbers of classes, got 0\.5/,
    );
  });

  test('a network that cannot be run, naming the layer', async () => {
    const layers = sequence([3, 8, 8], steps, preprocess);
    const foreign: Layer = { kind: 'foreign', name: 'attend', operation: 'Einsum', inputs: ['fc'], outputShape: [3] };
    write('foreign.pare', layers, { layers: [...layers, foreign] });
    const { code, stderr } = await compress('foreign.pare', '--calibration', 'pictures');
    expect(stderr).toMatch(/layer "attend" is Einsum, which cannot be run here.*leave --calibration out/s);
    expect(code).toBe(2);
  });

  test('weights alone of a network that is not known', async () => {
    write('alone.pare', sequence([3, 8, 8], steps), { layers: [] });
    expect((await compress('alone.pare', '--calibration', 'pictures')).stderr).toMatch(/those of no known network/);
  });
});
