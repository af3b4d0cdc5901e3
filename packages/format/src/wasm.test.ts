import type { Decoder, Form, Shape, Shared } from '@pare/core';
import { elementCount, seededRandom } from '@pare/core';
import { describeCodec, formsOf } from '@pare/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sharedForm } from '../test/_models.ts';
import { ArithmeticDecoder } from './arithmetic-decode.ts';
import { ArithmeticEncoder } from './arithmetic-encode.ts';
import { canonicalShared } from './canonical-codebook.ts';
import { adaptive } from './codecs/adaptive-decode.ts';
import { sharedAdaptive } from './codecs/adaptive-encode.ts';
import { streams } from './codecs/streams.ts';
import { sharedStreams } from './codecs/streams-encode.ts';
import type { TracingDecoder } from './contract.ts';
import { codeLevels } from './level-coder.ts';
import { placesOf, type Scan } from './places.ts';
import { adaptiveWasm, streamsWasm } from './wasm.ts';
import { wasmDecoder, wasmEncoder } from './wasm-coder.ts';

const canonical = formsOf('shared').map(({ form, shape }) => ({ form: canonicalShared(form), shape }));
const oneKind = <F extends Form>(decoder: TracingDecoder): Decoder<F> => decoder as Decoder<F>;
const anyKind = {
  runs: 30,
  forms: canonical,
  /** A damaged record may decode as another kind, of the right shape all the same. */
  check(form: object, shape: Shape) {
    for (const [field, numbers] of Object.entries(form)) {
      if (field !== 'codebook' && field !== 'kind') expect(numbers).toHaveLength(elementCount(shape));
    }
  },
};
describeCodec('adaptive@1 in WebAssembly', { encoder: sharedAdaptive, decoder: oneKind(adaptiveWasm) }, anyKind);
describeCodec('streams@1 in WebAssembly', { encoder: sharedStreams, decoder: oneKind(streamsWasm) }, anyKind);

const usual: Scan = { transposed: false, width: 0, block: 1 };
const scans: Scan[] = [usual, { transposed: true, width: 3, block: 1 }, { transposed: false, width: 3, block: 9 }];

describe('walks of symbols', () => {
  // Codebooks of one sign and of both, small and over 16 entries; kernels, matrices and vectors; sparse, dense and full.
  const shapes: Shape[] = [[90], [20, 36], [16, 12, 3, 3], [30, 49]];
  const cases = shapes.flatMap((shape) =>
    [0.05, 0.4, 1].flatMap((density) => [2, 9, 200].map((size) => ({ shape, density, size }))),
  );
  test.each(cases)('decode alike: $shape, density $density, $size entries', ({ shape, density, size }) => {
    const form = canonicalShared(sharedForm(seededRandom(1).fork(`${shape}`), shape, density, size));
    const bytes = sharedAdaptive.encode(form, shape);
    expect(adaptiveWasm.decode(bytes, shape)).toEqual(form);
    expect(adaptive.decode(bytes, shape)).toEqual(form);
  });

  test('and several weights in one record, short of which nothing is hidden', () => {
    const items = shapes.map((shape, i) => ({ shape, form: sharedForm(seededRandom(i), shape, 0.3, 8) }));
    const bytes = sharedAdaptive.encodeGroup(items);
    expect(adaptiveWasm.decodeGroup?.(bytes, shapes)).toEqual(adaptive.decodeGroup?.(bytes, shapes));
    for (let size = 0; size < bytes.length; size += 7) {
      const cut = bytes.subarray(0, size);
      expect(() => adaptiveWasm.decodeGroup?.(cut, shapes)).toThrow(
        expect.objectContaining({ name: 'CorruptDataError' }),
      );
    }
  });
});

describe('walks of levels', () => {
  const levelsOf = (rows: number, columns: number, spread: number, density: number): Int32Array => {
    const random = seededRandom(spread);
    return Int32Array.from({ length: rows * columns }, (_, i) =>
      random.float() < density ? Math.round(random.normal() * spread * (1 + (i % columns) / columns)) : 0,
    );
  };
  test('write and read the same bits as the plain ones', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 5 }).map((blocks) => 9 * blocks),
        fc.constantFrom(1, 5, 100, 100_000),
        fc.constantFrom(0.05, 0.5, 1),
        fc.constantFrom(...scans),
        fc.constantFrom('none', 'lines', 'columns'),
        (rows, columns, spread, density, scan, machines) => {
          const levels = levelsOf(rows, columns, spread, density);
          // Any levels can be coded by the trellis, and come back if they follow it; here only sameness counts.
          const rowsAlive = Uint8Array.from({ length: rows }, (_, r) =>
            levels.subarray(r * columns, (r + 1) * columns).some((level) => level !== 0) ? 1 : 0,
          );
          const columnsAlive = Uint8Array.from({ length: columns }, (_, c) =>
            levels.some((level, i) => i % columns === c && level !== 0) ? 1 : 0,
          );
          const places = placesOf(rowsAlive, columnsAlive, scan);
          const largest = 2 ** 20;
          const plain = new ArithmeticEncoder();
          codeLevels(plain, places, levels, largest, machines, true);
          const bytes = plain.finish();

          const encoder = wasmEncoder()!;
          codeLevels(encoder, places, levels, largest, machines, true);
          expect(Math.abs(encoder.size - bytes.length)).toBeLessThan(6);
          expect(encoder.finish()).toEqual(bytes);

          const decoder = wasmDecoder(bytes)!;
          const decoded = new Int32Array(levels.length);
          codeLevels(decoder, places, decoded, largest, machines, false);
          decoder.expectEnd();
          if (machines === 'none') expect(decoded).toEqual(levels);
          const plainly = new Int32Array(levels.length);
          codeLevels(new ArithmeticDecoder(bytes), places, plainly, largest, machines, false);
          expect(decoded).toEqual(plainly);
        },
      ),
      { seed: 1, numRuns: 60 },
    ));
});

test('more than fits in the buffer of the encoder is written all the same', () => {
  const encoder = wasmEncoder()!;
  const plain = new ArithmeticEncoder();
  const random = seededRandom(1);
  for (let i = 0; i < 700_000; i++) {
    const bit = random.integer(2);
    encoder.code(bit, 32768);
    plain.code(bit, 32768);
  }
  expect(encoder.size).toBe(plain.size);
  expect(encoder.finish()).toEqual(plain.finish());
});

test('a report of sizes is the same, from JavaScript', () => {
  const shape = [20, 30];
  const form: Shared = sharedForm(seededRandom(1), shape, 0.3, 8);
  const bytes = sharedAdaptive.encode(form, shape);
  const sizesBy = (decoder: TracingDecoder): number[] => {
    const sizes: number[] = [];
    decoder.decode(bytes, shape, { trace: (_, bits) => sizes.push(bits) });
    return sizes;
  };
  expect(sizesBy(adaptiveWasm)).toEqual(sizesBy(adaptive));
  expect(streamsWasm.decode(sharedStreams.encode(form, shape), shape)).toEqual(
    streams.decode(sharedStreams.encode(form, shape), shape),
  );
});
