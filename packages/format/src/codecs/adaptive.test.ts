import type { Decoder, Form, Shape, Shared } from '@pare/core';
import { seededRandom } from '@pare/core';
import { describeCodec, formsOf } from '@pare/testkit';
import { describe, expect, test } from 'vitest';
import { sharedForm } from '../../test/_models.ts';
import { codeWeight, newMemory } from '../adaptive-walk.ts';
import { ArithmeticEncoder } from '../arithmetic-encode.ts';
import { canonicalShared } from '../canonical-codebook.ts';
import type { TracingDecoder } from '../contract.ts';
import { planCodebook } from '../plan-codebook.ts';
import { TRELLIS_NEXT } from '../trellis.ts';
import { adaptiveWasm } from '../wasm.ts';
import { adaptive } from './adaptive-decode.ts';
import { denseAdaptive, maskedAdaptive, sharedAdaptive } from './adaptive-encode.ts';
import { streams } from './streams.ts';
import { sharedStreams } from './streams-encode.ts';

// A shared form comes back with its codebook sorted and trimmed; one that is so already comes back exactly.
const canonical = formsOf('shared').map(({ form, shape }) => ({ form: canonicalShared(form), shape }));

// The adaptive decoder takes forms of all kinds; here it is told which one it gets.
const adaptiveOf = <F extends Form>(): Decoder<F> => adaptive as Decoder<F>;

const anyKind = { runs: 30, check: checkLengths };
describeCodec(
  'adaptive@1, shared',
  { encoder: sharedAdaptive, decoder: adaptiveOf() },
  { ...anyKind, forms: canonical },
);
describeCodec('adaptive@1, masked', { encoder: maskedAdaptive, decoder: adaptiveOf() }, anyKind);
describeCodec('adaptive@1, dense', { encoder: denseAdaptive, decoder: adaptiveOf() }, anyKind);

/** A damaged record may decode as another kind, of the right shape all the same. */
function checkLengths(form: object, shape: Shape): void {
  const count = shape.reduce((product, extent) => product * extent, 1);
  for (const [field, numbers] of Object.entries(form)) {
    if (field !== 'codebook' && field !== 'kind') expect(numbers).toHaveLength(count);
  }
}

describe('sizes', () => {
  const random = seededRandom(3);
  const shape = [100, 300];
  const form = sharedForm(random, shape, 0.1, 8);
  const kept = form.mask.reduce((sum, bit) => sum + bit, 0);
  // What independent places and symbols of known frequencies cost: the best that a coder can do on noise, in bytes.
  const p = kept / 30_000;
  const entropy = (30_000 * -(p * Math.log2(p) + (1 - p) * Math.log2(1 - p)) + 3 * kept) / 8;

  test('adaptive stays within 4 % of the entropy of noise, which has nothing to learn', () => {
    expect(sharedAdaptive.encode(form, shape).length).toBeLessThan(1.04 * entropy);
  });

  test('adaptive pays nearly nothing for dead rows and columns', () => {
    const mask = form.mask.map((bit, i) => (i % 3 === 0 && Math.floor(i / 300) % 4 === 0 ? bit : 0));
    const indices = form.indices.map((index, i) => index * mask[i]!);
    const sparse: Shared = { ...form, mask, indices };
    const small = mask.reduce((sum, bit) => sum + bit, 0);
    const live = 2500 * -(0.1 * Math.log2(0.1) + 0.9 * Math.log2(0.9)) + 3 * small;
    expect(sharedAdaptive.encode(sparse, shape).length).toBeLessThan(live / 8 + 60);
  });

  test('a codebook of multiples of a step costs the step and little more', () => {
    const uniform: Shared = {
      ...form,
      codebook: Float32Array.of(-4, -3, -2, -1, 1, 2, 3, 4).map((level) => level * 0.013),
    };
    const codebookBytes = (of: Shared): number => {
      let bits = 0;
      const trace = (stream: string, size: number) => (bits += stream === 'codebook' ? size : 0);
      (adaptive as TracingDecoder).decode(sharedAdaptive.encode(of, shape), shape, { trace });
      return bits / 8;
    };
    expect(codebookBytes(uniform)).toBeLessThan(8);
    expect(codebookBytes(form)).toBeGreaterThan(20);
  });
});

test('several weights in one record link the columns of a kernel to the rows of the one before', () => {
  const random = seededRandom(4);
  const first = sharedForm(random, [200, 50], 0.2, 8);
  first.mask.forEach((_, i) => {
    if (Math.floor(i / 50) % 7 !== 0) first.mask[i] = first.indices[i] = 0; // six of seven neurons are dead
  });
  const second = sharedForm(random, [10, 200], 0.5, 8);
  second.mask.forEach((_, i) => {
    if ((i % 200) % 7 !== 0) second.mask[i] = second.indices[i] = 0;
  });
  const items = [
    { form: first, shape: [200, 50] },
    { form: second, shape: [10, 200] },
  ];
  const together = sharedAdaptive.encodeGroup(items);
  const apart = items.reduce((sum, { form, shape }) => sum + sharedAdaptive.encode(form, shape).length, 0);
  expect(together.length).toBeLessThan(apart - 10);
  expect(
    adaptive.decodeGroup?.(together, [
      [200, 50],
      [10, 200],
    ]),
  ).toEqual(items.map(({ form }) => canonicalShared(form)));
});

describe('levels down trellises', () => {
  const random = seededRandom(5);
  /** A form whose levels follow a machine down each column, some rows and columns dead. */
  const formOf = (rows: number, columns: number): Shared => {
    const states = new Uint8Array(columns);
    const levels = Int32Array.from({ length: rows * columns }, (_, i) => {
      const column = i % columns;
      const half = states[column]! & 1;
      const dead = column % 5 === 1 || Math.floor(i / columns) % 7 === 2;
      const wish = dead ? 0 : random.normal() * (8 + (column % 3) * 20);
      const k = (Math.abs(Math.round(wish)) + half) >> 1;
      states[column] = TRELLIS_NEXT[2 * states[column]! + (k & 1)]!;
      return k === 0 ? 0 : Math.sign(wish) * (2 * k - half);
    });
    const used = [...new Set(levels)].filter((level) => level !== 0).sort((a, b) => a - b);
    const rank = new Map(used.map((level, i) => [level, i]));
    return {
      kind: 'shared',
      codebook: Float32Array.from(used, (level) => level / 64),
      indices: Uint16Array.from(levels, (level) => rank.get(level) ?? 0),
      mask: Uint8Array.from(levels, (level) => (level === 0 ? 0 : 1)),
    };
  };

  test.each([[[60, 40]], [[24, 6, 3, 3]], [[1500]], [[1, 900]], [[900, 1]]])('come back: %j', (shape) => {
    const form = formOf(
      shape[0]!,
      shape.slice(1).reduce((a, b) => a * b, 1),
    );
    expect(adaptive.decode(sharedAdaptive.encode(form, shape), shape)).toEqual(form);
  });

  test('take at least half a bit less each than the same numbers without a path', () => {
    const form = formOf(80, 60);
    const flipped = { ...form, indices: form.indices.slice().reverse(), mask: form.mask.slice().reverse() };
    const kept = form.mask.reduce((sum, bit) => sum + bit, 0);
    const saved = sharedAdaptive.encode(flipped, [80, 60]).length - sharedAdaptive.encode(form, [80, 60]).length;
    expect((8 * saved) / kept).toBeGreaterThan(0.5);
  });
});

test('large codebooks, up to all 65,536 indices, survive', () => {
  const count = 65_536;
  const form = canonicalShared({
    kind: 'shared',
    codebook: Float32Array.from({ length: count }, (_, i) => i - 3000.5),
    indices: Uint16Array.from({ length: count }, (_, i) => (i * 40_503) & 0xffff),
    mask: new Uint8Array(count).fill(1),
  });
  expect(adaptive.decode(sharedAdaptive.encode(form, [count]), [count])).toEqual(form);
  expect(streams.decode(sharedStreams.encode(form, [count]), [count])).toEqual(form);
});

test('a codebook over the limit is refused before it is read', () => {
  const form = sharedForm(seededRandom(1), [100], 1, 64);
  const bytes = sharedAdaptive.encode(form, [100]);
  expect(() => adaptive.decode(bytes, [100], { maxCodebook: 10 })).toThrow(/codebook of \d+ entries, more than 10/);
});

test('an index beyond the codebook is the caller’s mistake', () => {
  const form: Shared = {
    kind: 'shared',
    codebook: Float32Array.of(1),
    indices: Uint16Array.of(0, 1),
    mask: Uint8Array.of(1, 1),
  };
  expect(() => sharedAdaptive.encode(form, [2])).toThrow('"indices" expected values < 1, got 1 at index 1');
});

describe('more bits than so few bytes may stand for', () => {
  // All kept, and nearly all the same of two values: a bit a place that costs 1/2,839 of a bit.
  const shape = [1100, 1000];
  const mask = new Uint8Array(1_100_000).fill(1);
  const indices = new Uint16Array(mask.length).fill(1, 1);
  const form: Shared = { kind: 'shared', codebook: Float32Array.of(-1, 1.7), indices, mask };

  test.each([
    ['JavaScript', adaptive],
    ['WebAssembly', adaptiveWasm],
  ])('are refused, in %s', (_, decoder) => {
    // Dead columns, one after the other: a million of them are in these bytes.
    const flags = new Uint8Array(70).fill(0xff);
    flags[3] = 0xfe;
    expect(() => decoder.decode(flags, [2 ** 24])).toThrow(expect.objectContaining({ code: 'limit' }));

    const encoder = new ArithmeticEncoder();
    const scan = { transposed: false, width: 0, block: 1 };
    const shared = { form, codebook: planCodebook(form.codebook) };
    codeWeight(encoder, newMemory(), shape, 65536, { form, scan, mantissa: 0, shared });
    const places = encoder.finish();
    expect(() => decoder.decode(places, shape)).toThrow(expect.objectContaining({ code: 'limit' }));
  });

  test('are not written', () =>
    expect(() => sharedAdaptive.encode(form, shape)).toThrow(/^adaptive@1: a record of \d+ bytes may stand for/));
});
