import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { denseWeight } from '@pare/core';
import { readLayerTable } from '@pare/hardware';
import { npzExporter } from '@pare/interop';
import { beforeAll, describe, expect, test } from 'vitest';
import { costPage } from '../src/cost/cost-page.ts';
import type { CostReport } from '../src/cost/describe-cost.ts';
import { bell, emptyFolder, pare, writeSafetensors } from './_run.ts';

const folder = emptyFolder();
const at = (name: string): string => join(folder, name);
const json = async (...words: readonly string[]): Promise<CostReport> =>
  JSON.parse((await pare(folder, 'cost', ...words, '--json')).stdout) as CostReport;

beforeAll(() => {
  const kernel = (shape: readonly number[], density: number, seed: number) => {
    const values = bell(
      shape.reduce((a, b) => a * b),
      0.1,
      seed,
    );
    return { shape, values: values.map((value, i) => ((i * 7919) % 1000 < 1000 * density ? value : 0)) };
  };
  const bias = (count: number) => ({ shape: [count], values: new Float32Array(count) });
  writeSafetensors(at('lenet.safetensors'), {
    'ip1.weight': kernel([300, 784], 0.1, 1),
    'ip1.bias': bias(300),
    'ip2.weight': kernel([100, 300], 0.1, 2),
    'ip2.bias': bias(100),
    'ip3.weight': kernel([10, 100], 0.5, 3),
    'ip3.bias': bias(10),
  });
});

describe('pare cost', () => {
  test('a topology alone: a line for each piece of hardware', async () => {
    const { code, stdout } = await pare(folder, 'cost', 'lenet-5', '--batch', '4');
    expect(code).toBe(0);
    for (const name of ['eie', 'eyeriss', 'cpu', 'gpu', 'mgpu', 'fpga', 'asic']) expect(stdout).toContain(`\n${name} `);
    expect(stdout).toContain('lenet-5, batch 4');
    expect(stdout).toContain('assumed: half of what has passed a ReLU');
    const { hardware, from } = await json('lenet-5');
    expect(from).toBe('topology');
    expect(hardware.every(({ after }) => after === null)).toBe(true);
    expect(hardware.find((each) => each.hardware === 'eyeriss')!.before.memory.weights).toBe(2 * 430_500);
  });

  test('a pruned network: each layer before and after, the after never dearer', async () => {
    for (const name of ['eie', 'eyeriss', 'cpu', 'asic']) {
      const { hardware } = await json('lenet.safetensors', '--hardware', name);
      const [{ before, after }] = hardware as [CostReport['hardware'][number]];
      expect(after!.layers.map((layer) => layer.name)).toEqual(['ip1', 'ip2', 'ip3']);
      expect(after!.layers[0]!.weightDensity).toBeCloseTo(0.1, 2);
      expect(after!.energyPj).toBeLessThanOrEqual(before.energyPj);
      const sum = after!.layers.reduce((total, layer) => total + layer.energyPj, 0);
      expect(sum / after!.energyPj).toBeCloseTo(1, 12);
    }
    const { stdout } = await pare(folder, 'cost', 'lenet.safetensors', '--hardware', 'eyeriss');
    expect(stdout).toMatch(
      /layer +kept +active +energy before +after +time before +after +weights +inputs +outputs +computation/,
    );
    expect(stdout).toMatch(/by level: dram .* · buffer .* · array .* · register .* · alu /);
    expect(stdout).toMatch(/\nip1 +10\.0 %/);
    expect(stdout).toContain('constants published: mac');
    expect(stdout).toContain('constants fitted: pJ per unit');
  });

  test('rows that compression did not change say why', async () => {
    const said = async (...words: readonly string[]) => (await pare(folder, 'cost', ...words)).stdout;
    const pruned = await said('lenet.safetensors');
    expect(pruned).toMatch(
      /\nfpga, asic: the same before and after, as the zeros among these weights spare it nothing/,
    );
    expect(await said('lenet.safetensors', '--hardware', 'fpga')).toContain('\nfpga: the same before and after');
    expect(await said('lenet.safetensors', '--hardware', 'eie')).not.toContain('the same before and after');
    writeSafetensors(at('dense.safetensors'), {
      'ip1.weight': { shape: [300, 784], values: bell(300 * 784, 0.1, 1) },
      'ip1.bias': { shape: [300], values: new Float32Array(300) },
      'ip2.weight': { shape: [100, 300], values: bell(100 * 300, 0.1, 2) },
      'ip2.bias': { shape: [100], values: new Float32Array(100) },
      'ip3.weight': { shape: [10, 100], values: bell(1000, 0.1, 3) },
      'ip3.bias': { shape: [10], values: new Float32Array(10) },
    });
    expect(await said('dense.safetensors')).toContain('the same before and after, as no weight is zero');
    expect(await said('lenet-5')).not.toContain('before');
  });

  test('zeros are counted on examples', async () => {
    const ones = Float32Array.from({ length: 60 * 784 }, (_, i) => (i % 4 === 0 ? 1 : 0));
    const x = denseWeight('x', [60, 1, 28, 28], ones);
    const { files } = await npzExporter.write({ layers: [], weights: [x], history: [] }, 'x');
    writeFileSync(at('x.npz'), files.get('x.npz')!);
    const { activations, hardware } = await json(
      'lenet.safetensors',
      '--hardware',
      'eyeriss',
      '--calibration',
      'x.npz',
    );
    expect(activations).toBe('measured');
    expect(hardware[0]!.after!.layers[0]!.inputDensity).toBeCloseTo(0.25, 6);
  }, 20_000);

  test('what is to be known about the numbers is said, once', async () => {
    const said = async (...words: readonly string[]) => (await pare(folder, 'cost', ...words)).stdout;
    const gpu = await said('lenet-5', '--hardware', 'gpu', '--batch', '8');
    expect(gpu.match(/beyond the first example only the peaks are counted: a bound from below/g)).toHaveLength(1);
    expect(gpu).toMatch(/all layers: beyond the first example/);
    expect(gpu).toMatch(/memory: .* of maps for the whole batch/);
    expect(await said('lenet-5', '--hardware', 'eie')).toMatch(
      /conv1, conv2: a convolution as one matrix-vector product/,
    );
    expect(await said('alexnet', '--hardware', 'eie')).toMatch(/fc6, fc7: the weights do not fit into 8388 kB of SRAM/);
    expect(await said('lenet-5', '--hardware', 'eyeriss')).not.toContain('mapping'); // another for each layer
    expect(await said('lenet.safetensors')).toContain('not counting where they stand');
  });

  test('a table whose layers have several batches, none, or nothing in it cannot be told by example', async () => {
    const line = (index: number, batch: number) =>
      `${index},1,1,12,${batch},0,16,1,1,12,5,0,16,1,1,5,${batch},0,16,1,1,0,0,0,0\r\n`;
    const refused = async (text: string) => {
      writeFileSync(at('odd.csv'), text);
      const { code, stderr } = await pare(folder, 'cost', 'odd.csv');
      expect(code).toBe(2);
      return stderr;
    };
    expect(await refused(line(1, 4) + line(2, 8))).toMatch(
      /odd\.csv: "input maps" expected 4 in all lines, .* got 8 in that of "layer2"/,
    );
    expect(await refused(line(1, 0))).toMatch(/"input maps" expected at least 1, got 0: nothing to price/);
    expect(await refused('# nothing\r\n')).toMatch(/no layer with a kernel is known in it: nothing to price/);
    writeFileSync(at('odd.csv'), line(1, 4) + line(2, 4));
    expect((await json('odd.csv')).batch).toBe(4);
  });

  test('names are text on the page, whatever they are', async () => {
    const name = '<img src=x onerror="alert(1)">&';
    const network = { network: name, from: 'weights', activations: 'assumed', batch: 1, notes: [name] } as const;
    const { hardware } = await json('lenet-300-100', '--hardware', 'cpu');
    const [one] = hardware as [CostReport['hardware'][number]];
    const layers = one.before.layers.map((layer) => ({ ...layer, name, notes: [name], byData: { [name]: 1 } }));
    const odd = { ...one, title: name, source: name, before: { ...one.before, layers } };
    const page = costPage({ ...network, hardware: [{ ...odd, constants: [{ ...one.constants[0]!, name }] }] });
    expect(page).not.toContain('<img');
    expect(page).not.toContain('onerror="');
    const text = '&#60;img src=x onerror=&#34;alert(1)&#34;&#62;&#38;';
    expect(page).toContain(`<h1>${text}</h1>`);
    expect(page).toContain(`<td title="${text}">${text}<td`);
    expect(page).toContain(`<i title="${text}: 1.00 pJ"`);
    expect(page).toContain(`<details><summary>constants</summary><p>${text} 73 W`);
  });

  test('bits and batches are said once for all', async () => {
    const energy = async (...words: readonly string[]) =>
      (await json('lenet-300-100', '--hardware', 'eyeriss', ...words)).hardware[0]!.before.energyPj;
    expect(await energy('--bits', '8')).toBeLessThan(await energy());
    expect(await energy('--batch', '2')).toBeGreaterThan(await energy());
  });

  test("writes a page, and a table that MIT's tool reads; and reads such a table", async () => {
    const { code } = await pare(
      folder,
      'cost',
      'lenet.safetensors',
      '--html',
      'cost.html',
      '--table',
      'lenet.csv',
      '--quiet',
    );
    expect(code).toBe(0);
    const page = readFileSync(at('cost.html'), 'utf8');
    expect(page).toContain('<h2>EIE, 64 processing elements');
    expect(page).not.toContain('NaN');
    const [first] = readLayerTable(readFileSync(at('lenet.csv'), 'utf8'));
    expect(first!.weightDensity).toBeCloseTo(0.1, 2);
    const [fromTable, fromFile] = [await json('lenet.csv'), await json('lenet.safetensors')].map(
      (report) => report.hardware.find((each) => each.hardware === 'eyeriss')!.after!.energyPj,
    );
    expect(fromTable! / fromFile!).toBeCloseTo(1, 3);
  });

  test('--from says that a .csv is a model file, not a table of layers', async () => {
    writeFileSync(at('other.csv'), readFileSync(at('lenet.safetensors')));
    expect((await json('other.csv', '--from', 'safetensors')).from).toBe('weights');
  });

  test.each([
    [['lenet-5', '--hardware', 'abacus'], /--hardware expected one of eie, .*asic, got "abacus"/],
    [['lenet-5', '--bits', '3.5', '--table', 'x.csv'], /--bits expected a whole number from 1 to 32, got "3.5"/],
    [['lenet-5', '--batch', '0'], /--batch expected a whole number from 1/],
    [['lenet-5', '--calibration', '.'], /a topology alone computes nothing/],
    [['some.csv', '--calibration', '.'], /a topology alone computes nothing/],
    [['resnet-50'], /cannot read .*resnet-50: there is no such file/],
    [['nowhere.csv'], /cannot read .*nowhere\.csv/],
  ])('refuses %j', async (words, message) => {
    const { code, stderr } = await pare(folder, 'cost', ...words);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(existsSync(at('undefined'))).toBe(false);
  });
});
