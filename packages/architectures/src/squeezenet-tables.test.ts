import type { Layer } from '@pare/core';
import { describe, expect, test } from 'vitest';
import { layerTable, type SqueezenetOptions, squeezenet } from './index.ts';

const parameters = (layers: readonly Layer[]): number =>
  layerTable(layers).reduce((sum, { weights, biases }) => sum + weights + biases, 0);

describe('layer by layer, at an input of 227 × 227', () => {
  // Derived from the released prototxt files by others (the project's table `squeezenet_layer_params`):
  // layer, then weights, biases, output side and multiply-accumulates of v1.0 and of v1.1.
  const LAYERS: readonly (readonly [string, number, number, number, number, number, number, number, number])[] = [
    ['conv1', 14112, 96, 111, 173873952, 1728, 64, 113, 22064832],
    ['fire2/squeeze1x1', 1536, 16, 55, 4646400, 1024, 16, 56, 3211264],
    ['fire2/expand1x1', 1024, 64, 55, 3097600, 1024, 64, 56, 3211264],
    ['fire2/expand3x3', 9216, 64, 55, 27878400, 9216, 64, 56, 28901376],
    ['fire3/squeeze1x1', 2048, 16, 55, 6195200, 2048, 16, 56, 6422528],
    ['fire3/expand1x1', 1024, 64, 55, 3097600, 1024, 64, 56, 3211264],
    ['fire3/expand3x3', 9216, 64, 55, 27878400, 9216, 64, 56, 28901376],
    ['fire4/squeeze1x1', 4096, 32, 55, 12390400, 4096, 32, 28, 3211264],
    ['fire4/expand1x1', 4096, 128, 55, 12390400, 4096, 128, 28, 3211264],
    ['fire4/expand3x3', 36864, 128, 55, 111513600, 36864, 128, 28, 28901376],
    ['fire5/squeeze1x1', 8192, 32, 27, 5971968, 8192, 32, 28, 6422528],
    ['fire5/expand1x1', 4096, 128, 27, 2985984, 4096, 128, 28, 3211264],
    ['fire5/expand3x3', 36864, 128, 27, 26873856, 36864, 128, 28, 28901376],
    ['fire6/squeeze1x1', 12288, 48, 27, 8957952, 12288, 48, 14, 2408448],
    ['fire6/expand1x1', 9216, 192, 27, 6718464, 9216, 192, 14, 1806336],
    ['fire6/expand3x3', 82944, 192, 27, 60466176, 82944, 192, 14, 16257024],
    ['fire7/squeeze1x1', 18432, 48, 27, 13436928, 18432, 48, 14, 3612672],
    ['fire7/expand1x1', 9216, 192, 27, 6718464, 9216, 192, 14, 1806336],
    ['fire7/expand3x3', 82944, 192, 27, 60466176, 82944, 192, 14, 16257024],
    ['fire8/squeeze1x1', 24576, 64, 27, 17915904, 24576, 64, 14, 4816896],
    ['fire8/expand1x1', 16384, 256, 27, 11943936, 16384, 256, 14, 3211264],
    ['fire8/expand3x3', 147456, 256, 27, 107495424, 147456, 256, 14, 28901376],
    ['fire9/squeeze1x1', 32768, 64, 13, 5537792, 32768, 64, 14, 6422528],
    ['fire9/expand1x1', 16384, 256, 13, 2768896, 16384, 256, 14, 3211264],
    ['fire9/expand3x3', 147456, 256, 13, 24920064, 147456, 256, 14, 28901376],
    ['conv10', 512000, 1000, 15, 115200000, 512000, 1000, 14, 100352000],
  ];
  const tableOf = (options: SqueezenetOptions) =>
    layerTable(squeezenet(options))
      .filter((row) => row.weights > 0)
      .map(({ name, weights, biases, outputShape, macs }) => [name, weights, biases, outputShape[1], macs]);

  test('v1.0 has the weights, biases, maps and multiplications of its prototxt: 861,339,936 in all', () => {
    expect(tableOf({})).toEqual(LAYERS.map(([name, ...figures]) => [name, ...figures.slice(0, 4)]));
  });

  test('v1.1 has those of its own with pools rounded up, as Caffe does: 387,747,520 in all', () => {
    expect(tableOf({ version: '1.1', side: 227, poolRounding: 'ceil' })).toEqual(
      LAYERS.map(([name, ...figures]) => [name, ...figures.slice(4)]),
    );
  });
});

describe('Iandola et al. 2016, table 1', () => {
  // Layer, output, filters (squeeze 1 × 1, expand 1 × 1, expand 3 × 3), kept per cent of them, parameters before and after pruning
  type Figure = number | null;
  type Row = readonly [string, string, Figure, Figure, Figure, Figure, Figure, Figure, Figure, Figure];
  const TABLE: readonly Row[] = [
    ['conv1', '111x111x96', null, null, null, 100, null, null, 14208, 14208],
    ['maxpool1', '55x55x96', null, null, null, null, null, null, null, null],
    ['fire2', '55x55x128', 16, 64, 64, 100, 100, 33, 11920, 5746],
    ['fire3', '55x55x128', 16, 64, 64, 100, 100, 33, 12432, 6258],
    ['fire4', '55x55x256', 32, 128, 128, 100, 100, 33, 45344, 20646],
    ['maxpool4', '27x27x256', null, null, null, null, null, null, null, null],
    ['fire5', '27x27x256', 32, 128, 128, 100, 100, 33, 49440, 24742],
    ['fire6', '27x27x384', 48, 192, 192, 100, 50, 33, 104880, 44700],
    ['fire7', '27x27x384', 48, 192, 192, 50, 100, 33, 111024, 46236],
    ['fire8', '27x27x512', 64, 256, 256, 100, 50, 30, 188992, 77581],
    ['maxpool8', '13x13x512', null, null, null, null, null, null, null, null],
    ['fire9', '13x13x512', 64, 256, 256, 50, 100, 30, 197184, 77581],
    ['conv10', '13x13x1000', null, null, null, 20, null, null, 513000, 103400],
    ['avgpool10', '1x1x1000', null, null, null, null, null, null, null, null],
  ];
  // The paper's table has no rim around conv10.
  const layers = squeezenet({ conv10Padding: 0 });
  const table = layerTable(layers);
  const LAST: Readonly<Record<string, string>> = {
    avgpool10: 'pool10',
    maxpool1: 'pool1',
    maxpool4: 'pool4',
    maxpool8: 'pool8',
  };
  const outputOf = (name: string) =>
    layers.find((layer) => [LAST[name] ?? name, `${name}/concat`].includes(layer.name))?.outputShape;

  test.each(TABLE)('%s', (name, output, squeeze, narrow, wide, keptSqueeze, keptNarrow, keptWide, before, after) => {
    const [channels, height, width] = outputOf(name)!;
    if (name !== 'avgpool10')
      expect(`${height}x${width}x${channels}`).toBe(output); // there it has no room for the channels
    else expect([channels, height, width]).toEqual([1000, 1, 1]);

    const rows = table.filter((row) => row.weights > 0 && row.name.split('/')[0] === name);
    expect(rows.reduce((sum, { weights, biases }) => sum + weights + biases, 0)).toBe(before ?? 0);
    if (rows.length === 3) {
      expect(rows.map((row) => row.outputShape[0])).toEqual([squeeze, narrow, wide]);
    }
    const shares = [keptSqueeze, keptNarrow, keptWide];
    const kept = rows.reduce((sum, { weights, biases }, i) => sum + (weights * (shares[i] ?? 0)) / 100 + biases, 0);
    expect(Math.abs(kept - (after ?? 0))).toBeLessThan(2); // the paper's own rounding of shares
  });

  test('has 1,248,424 parameters', () => {
    expect(parameters(layers)).toBe(1_248_424);
  });
});

describe('the family', () => {
  // Figure 3: SR, pct3x3, printed megabytes (of 2^20 bytes; null where only a point is plotted), parameters recomputed by others
  const SWEEPS: readonly (readonly [number, number, number | null, number])[] = [
    [0.125, 0.5, 4.8, 1_248_424], // figure 3(a)
    [0.25, 0.5, null, 1_967_080],
    [0.5, 0.5, 13, 3_404_392],
    [0.75, 0.5, 19, 4_841_704],
    [1, 0.5, 24, 6_279_016],
    [0.5, 0.01, 5.7, 1_478_248], // figure 3(b)
    [0.5, 0.125, null, 1_929_832],
    [0.5, 0.25, null, 2_421_352],
    [0.5, 0.5, 13, 3_404_392],
    [0.5, 0.75, null, 4_387_432],
    [0.5, 0.99, 21, 5_330_536],
  ];

  test.each(SWEEPS)('SR %f, pct3x3 %f: %s MB', (squeezeRatio, share3x3, megabytes, expected) => {
    const count = parameters(squeezenet({ squeezeRatio, share3x3 }));
    expect(count).toBe(expected);
    if (megabytes !== null) expect(Math.abs((4 * count) / 2 ** 20 / megabytes - 1)).toBeLessThan(0.04);
  });

  test('widens by expandIncrement after every so many modules', () => {
    const expand = squeezenet({ baseExpand: 64, expandIncrement: 32, frequency: 3 })
      .filter(({ kind }) => kind === 'concat')
      .map(({ outputShape }) => outputShape[0]);
    expect(expand).toEqual([64, 64, 64, 96, 96, 96, 128, 128]);
  });

  test('refuses modules without filters', () => {
    expect(() => squeezenet({ share3x3: 1 })).toThrow('"expand1x1" of fire2 expected whole filters ≥ 1, got 0');
    expect(() => squeezenet({ squeezeRatio: 0.001 })).toThrow('"squeeze" of fire2');
    expect(() => squeezenet({ frequency: 0 })).toThrow('of fire2 expected whole filters ≥ 1, got NaN');
  });
});

describe('bypasses (Iandola et al. 2016, section 6, table 3)', () => {
  const additions = (bypass: 'simple' | 'complex') =>
    squeezenet({ bypass })
      .filter(({ kind }) => kind === 'add')
      .map(({ name, inputs }) => [name, ...inputs].join(' '));

  test('simple ones lead around fire3, 5, 7 and 9 and cost no parameter', () => {
    expect(additions('simple')).toEqual([
      'fire3/bypass fire2/concat fire3/concat',
      'fire5/bypass pool4 fire5/concat',
      'fire7/bypass fire6/concat fire7/concat',
      'fire9/bypass pool8 fire9/concat',
    ]);
    expect(parameters(squeezenet({ bypass: 'simple' }))).toBe(1_248_424); // printed: 4.8 MB, as without
  });

  test('complex ones have a 1 × 1 convolution around the others: 1,589,672 parameters', () => {
    expect(additions('complex')).toHaveLength(8);
    expect(additions('complex')[0]).toBe('fire2/bypass fire2/bypass1x1 fire2/concat');
    const count = parameters(squeezenet({ bypass: 'complex' }));
    expect(count).toBe(1_589_672);
    // The paper prints 7.7 MB. That does not follow from its own description: these are 6.06 MB of 2^20 bytes, or 6.36 MB of 10^6.
    expect(Math.abs((4 * count) / 2 ** 20 / 7.7 - 1)).toBeGreaterThan(0.17);
  });

  test('the next layer takes the sum', () => {
    const layers = squeezenet({ bypass: 'simple' });
    expect(layers.find(({ name }) => name === 'fire4/squeeze1x1')?.inputs).toEqual(['fire3/bypass']);
  });
});
