import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alexnetConvolutions, convolution, fullyConnected } from '../test/layers.ts';
import { eyeriss, networkCost, readLayerTable, writeLayerTable } from './index.ts';

// The first layer of AlexNet as the tool's users write it: 227 × 227 × 3 in, 96 filters of 11 × 11, stride 4, nothing padded.
const CONV1 = '1,227,227,3,1,0,16,11,11,3,96,0,16,55,55,96,1,0,16,4,4,0,0,0,0\n';

test('a convolution is a line of 25 numbers', () => {
  expect(writeLayerTable(alexnetConvolutions(() => ({})).slice(0, 1))).toBe(CONV1);
});

test('a dense layer is a convolution with a filter of one, or as large as its map', () => {
  expect(writeLayerTable([fullyConnected('fc', 12, 5)])).toBe(
    '1,1,1,12,1,0,16,1,1,12,5,0,16,1,1,5,1,0,16,1,1,0,0,0,0\n',
  );
  const work = { ...fullyConnected('fc', 12, 5), inputShape: [3, 2, 2] };
  expect(writeLayerTable([work])).toBe('1,2,2,3,1,0,16,2,2,3,5,0,16,1,1,5,1,0,16,1,1,0,0,0,0\n');
});

test('what was written is read again, and costs the same', () => {
  const works = alexnetConvolutions((name) => ({
    batch: 4,
    weightBits: 8,
    inputDensity: name === 'conv1' ? 1 : 0.5,
    weightDensity: 0.25,
    outputDensity: 0.5,
  }));
  const read = readLayerTable(`# AlexNet\n\n${writeLayerTable(works)}`);
  expect(writeLayerTable(read)).toBe(writeLayerTable(works));
  const [before, after] = [works, read].map((each) => networkCost(eyeriss(), each).energyPj);
  expect(Math.abs(after! / before! - 1)).toBeLessThan(1e-5); // zeros are whole numbers
});

test('lines may end as on Windows, begin with a mark of byte order, and hold spaces', () => {
  const lines = `\ufeff${CONV1}${CONV1.replace('1,', '2, ')}`.replaceAll('\n', '\r\n');
  expect(writeLayerTable(readLayerTable(lines))).toBe(CONV1 + CONV1.replace('1,', '2,'));
});

test('zeros of a whole batch may be more than 2^31', () => {
  const rest = { batch: 1024, inputDensity: 0.2, outputDensity: 0.2 };
  const work = convolution('conv1_2', [64, 224, 224], { filters: 64, kernelSize: 3, padding: 1 }, rest);
  expect(0.8 * 1024 * 64 * 224 * 224).toBeGreaterThan(2 ** 31);
  expect(readLayerTable(writeLayerTable([work]))[0]!.inputDensity).toBeCloseTo(0.2, 9);
});

test('nothing is written that could not be read: bits are whole', () => {
  const work = fullyConnected('fc', 12, 5, { weightBits: 3.5 });
  expect(() => writeLayerTable([work])).toThrow(/layer "fc": "weightBits" expected a whole number.*, got 3.5/);
});

test('a message tells the line of the file and where it begins, comments counted', () => {
  const text = `# Ä\n\n${CONV1}# fc\n2,1,2\n`;
  const byte = new TextEncoder().encode(text.slice(0, text.indexOf('2,1,2'))).length;
  expect(() => readLayerTable(text)).toThrow(`at byte ${byte}: line 5: expected 25 numbers, got 3`);
});

describe('refuses', () => {
  test.each([
    [CONV1.replace('1,227', '2,227'), /at byte 0: line 1: "layer index" expected 1, got 2/],
    [CONV1.replace(',4,4,', ',4,'), /expected 25 numbers, got 24/],
    [CONV1.replace('\n', ',\n'), /expected 25 numbers, got 26/],
    [CONV1.replaceAll(',0,16,', ',0,0,'), /layer "layer1": "weightBits" expected 1 … 32, got 0/],
    [CONV1.replace(',96,0,16', ',96,0,64'), /layer "layer1": "weightBits" expected 1 … 32, got 64/],
    [CONV1.replace('55,55', '54,55'), /line 1: hardware: layer "layer1": "outputShape" expected \[96, 55, 55\]/],
    [CONV1.replace('11,11,3,', '11,11,2,'), /"filter channels" expected a divisor of 3/],
    [CONV1.replace('227,227', '227,x'), /"input width" expected a whole number 0 … 2\^31, got "x"/],
    [CONV1.replace('3,1,0,16,11', '3,1,999999,16,11'), /"input zeros" expected at most 154587, got 999999/],
    [CONV1.replace(',4,4,', ',0,4,'), /"filters, groups, kernelSize, stride and dilation" expected whole numbers ≥ 1/],
    [CONV1.replace('227,227', '1e300,227'), /expected a whole number/],
  ])('%s', (line, message) => {
    expect(() => readLayerTable(line)).toThrow(message);
    expect(() => readLayerTable(line)).toThrow(expect.objectContaining({ name: 'CorruptDataError' }));
  });

  test('layers without a kernel', () => {
    const relu = {
      ...convolution('a', [1, 1, 1], {}),
      layer: { kind: 'relu', name: 'relu1', inputs: ['a'], outputShape: [1] } as const,
    };
    expect(() => writeLayerTable([relu])).toThrow(/layer "relu1" has no kernel/);
  });

  test('any damage with a CorruptDataError, or reads layers', () => {
    fc.assert(
      fc.property(fc.nat(CONV1.length - 2), fc.constantFrom('9', ',', '-', '.', 'e', '', ' '), (place, character) => {
        try {
          readLayerTable(CONV1.slice(0, place) + character + CONV1.slice(place + 1));
        } catch (error) {
          expect((error as Error).name).toBe('CorruptDataError');
        }
      }),
      { seed: 1 },
    );
  });
});
