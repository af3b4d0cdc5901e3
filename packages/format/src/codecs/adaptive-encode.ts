import type { Dense, Form, Forms, Masked, Shape, Shared } from '@pare/core';
import { codeWeight, type Given, type GivenShared, linkedColumns, newMemory } from '../adaptive-walk.ts';
import { mostBits } from '../arithmetic-decode.ts';
import { ArithmeticEncoder } from '../arithmetic-encode.ts';
import type { BitEncoder } from '../bit-coder.ts';
import { canonicalShared } from '../canonical-codebook.ts';
import type { FormOfShape, GroupEncoder } from '../contract.ts';
import { bitsOf, mantissaBits } from '../float-bits.ts';
import { LARGEST_LEVEL } from '../level-coder.ts';
import { type Scan, usualScan } from '../places.ts';
import { planCodebook } from '../plan-codebook.ts';
import { followsTrellis } from '../trellis.ts';
import { valueCodebook } from '../value-codebook.ts';
import { wasmEncoder } from '../wasm-coder.ts';

/**
 * Encodes shared weights with a context-mixing arithmetic coder: the smallest of the codecs here, and the slowest.
 *
 * @example
 * sharedAdaptive.encode({ kind: 'shared', codebook: Float32Array.of(-1, 1), indices: Uint16Array.of(0, 1), mask: Uint8Array.of(1, 1) }, [2]).length // 4
 */
export const sharedAdaptive: GroupEncoder<Shared> = encoderOf('shared');

/** As {@link sharedAdaptive}, for weights that are masked but keep their own values. */
export const maskedAdaptive: GroupEncoder<Masked> = encoderOf('masked');

/** Encodes dense values, with as many mantissa bits as they need: float16 values take about 14 bits, float32 about 27. */
export const denseAdaptive: GroupEncoder<Dense> = encoderOf('dense');

function encoderOf<K extends 'dense' | 'masked' | 'shared'>(kind: K): GroupEncoder<Forms[K]> {
  return {
    id: 'adaptive@1',
    kind,
    encode: (form, shape) => encodeGroup([{ form, shape }]),
    encodeGroup,
  };
}

/** Several weights in one stream, so that a kernel can learn from the one before which of its columns are dead. */
function encodeGroup(items: readonly FormOfShape[]): Uint8Array {
  // First choose, then write: in WebAssembly there is one encoder at a time, and choosing takes some.
  let rowsAlive: Uint8Array | undefined;
  const weights = items.map(({ form, shape }) => {
    const given = best(rowsAlive, withoutScan(form), shape);
    rowsAlive = rowsOf(given, shape) ?? rowsAlive;
    return { given, shape };
  });
  const encoder = openEncoder();
  const memory = newMemory();
  for (const { given, shape } of weights) codeWeight(encoder, memory, shape, 65536, given);
  const bytes = encoder.finish();
  if (encoder.bits > mostBits(bytes.length)) {
    throw new RangeError(
      `adaptive@1: a record of ${bytes.length} bytes may stand for ${mostBits(bytes.length)} bits, got ${encoder.bits}: use streams@1`,
    );
  }
  return bytes;
}

const openEncoder = (): BitEncoder => wasmEncoder() ?? new ArithmeticEncoder();

/** The rows that are alive, if a weight tells of any: what the memory of a record will hold after it. */
function rowsOf({ form, shared }: Given, shape: Shape): Uint8Array | undefined {
  const mask = shared ? shared.form.mask : form.kind === 'masked' ? (form as Masked).mask : undefined;
  if (!mask || shape.length < 2 || shape[0]! < 2) return undefined;
  const columns = mask.length / shape[0]!;
  const alive = new Uint8Array(shape[0]!);
  for (let row = 0, place = 0; row < alive.length; row++) {
    for (let c = 0; c < columns; c++, place++) if (mask[place] !== 0) alive[row] = 1;
  }
  return alive;
}

type WithoutScan = Omit<Given, 'scan'>;

function withoutScan(form: Form): WithoutScan {
  if (form.kind === 'shared') {
    const canonical = canonicalShared(form);
    return { form: canonical, shared: givenShared(canonical), mantissa: 0 };
  }
  const bits = bitsOf((form as Dense | Masked).values);
  const given = form.kind === 'masked' ? (form as Masked).mask : bits;
  const mask = new Uint8Array(bits.length);
  for (let i = 0; i < mask.length; i++) mask[i] = given[i] === 0 ? 0 : 1;
  const values = (form as Dense | Masked).values.map((value, i) => (mask[i] ? value : 0));
  const few = valueCodebook(values, mask);
  const clean: Form = form.kind === 'masked' ? { kind: 'masked', values, mask } : form;
  return { form: clean, mantissa: mantissaBits(values), ...(few && { shared: givenShared(few) }) };
}

const givenShared = (form: Shared): GivenShared => ({ form, codebook: planCodebook(form.codebook) });

/** Whether a codebook's entries can be written as levels: multiples of a step, with zero left to what is pruned. */
function canBeLevels({ codebook: { uniform } }: GivenShared): boolean {
  return uniform?.levels.every((level) => level !== 0 && Math.abs(level) <= LARGEST_LEVEL) ?? false;
}

/**
 * Symbols are not tried where levels must win: in a large alphabet of which at least a quarter of the levels up to the largest
 * are in use. A codebook with fewer is one of float16 values perhaps, which have a step in common but no likeness to a lattice.
 */
function mustBeLevels({ codebook: { uniform, codebook } }: GivenShared): boolean {
  const largest = uniform?.levels.reduce((most, level) => Math.max(most, Math.abs(level)), 0) ?? 0;
  return codebook.length > 64 && codebook.length > (2 * largest + 1) / 4;
}

/** To choose among ways of writing, so many places of a weight are enough. */
const SAMPLE = 2 ** 17;

/** Tries rows or columns first, with the usual neighbourhood, that of a square image, and none; symbols, levels, trellis. */
function best(rowsAlive: Uint8Array | undefined, given: WithoutScan, shape: Shape): Given {
  const places = shape.reduce((product, extent) => product * extent, 1);
  const columns = places / (shape[0] || 1);
  const linked = shape.length > 1 ? linkedColumns(rowsAlive, columns) : 0;
  const usual = usualScan(shape, linked);
  const { shared } = given;
  const ways: (GivenShared | undefined)[] = [];
  if (!shared || !canBeLevels(shared) || !mustBeLevels(shared)) ways.push(shared);
  if (shared && canBeLevels(shared)) {
    const trellis = followsTrellis(levelsOf(shared), shape[0]);
    ways.push({ ...shared, levels: { trellis } });
    if (trellis) ways.push({ ...shared, levels: { trellis: false } });
  }
  const plain: Scan = { transposed: false, width: 0, block: 1 };
  const scans = [usual, { ...usual, transposed: true }, plain, { ...plain, transposed: true }, usualScan(shape, 0)];
  const distinct = scans.filter((scan, i) => scans.findIndex((other) => same(other, scan)) === i);

  let bestGiven: Given = { ...given, ...(ways[0] && { shared: ways[0] }), scan: usual };
  if (given.form.kind === 'dense' && !shared) return bestGiven;
  let bestSize = Infinity;
  const sample = sampleOf(shape);
  const attempt = (scan: Scan, way: GivenShared | undefined): void => {
    const encoder = openEncoder();
    const fresh = { ...newMemory(), rowsAlive };
    const tried = { ...given, ...(way && { shared: way }), scan };
    codeWeight(encoder, fresh, sample, 65536, cut(tried, sample));
    if (encoder.size >= bestSize) return;
    bestSize = encoder.size;
    bestGiven = tried;
  };
  const choices = shape.length < 2 ? [usual] : distinct;
  if (ways.length * choices.length === 1) return bestGiven;
  for (const way of ways) attempt(usual, way);
  const chosen = bestGiven.shared;
  for (const scan of choices) if (scan !== usual) attempt(scan, chosen);
  return bestGiven;
}

const same = (a: Scan, b: Scan): boolean => a.transposed === b.transposed && a.width === b.width && a.block === b.block;

function levelsOf({ form, codebook }: GivenShared): Int32Array {
  const levels = new Int32Array(form.mask.length);
  for (let i = 0; i < levels.length; i++) if (form.mask[i]) levels[i] = codebook.uniform!.levels[form.indices[i]!]!;
  return levels;
}

/** The first rows, about {@link SAMPLE} places in all; the shape as it is if it has no more. */
function sampleOf(shape: Shape): Shape {
  const places = shape.reduce((product, extent) => product * extent, 1);
  if (places <= SAMPLE || shape.length < 2) return shape;
  return [Math.max(1, Math.floor((SAMPLE * shape[0]!) / places)), ...shape.slice(1)];
}

/** The first numbers of a form, as many as a shape has. */
function cut(given: Given, shape: Shape): Given {
  const count = shape.reduce((product, extent) => product * extent, 1);
  const { form, shared } = given;
  const first = <F extends Form>(of: F): F => {
    const fields = Object.entries(of).map(([name, field]) => [
      name,
      ArrayBuffer.isView(field) && name !== 'codebook' ? (field as Uint8Array).subarray(0, count) : field,
    ]);
    return Object.fromEntries(fields) as F; // the same fields, some of them shorter
  };
  return { ...given, form: first(form), ...(shared && { shared: { ...shared, form: first(shared.form) } }) };
}
