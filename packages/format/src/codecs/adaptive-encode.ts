import type { Dense, Form, Forms, Masked, Shape, Shared } from '@pare/core';
import {
  codeWeight,
  type Given,
  linkedColumns,
  type Memory,
  newMemory,
  type Scan,
  usualScan,
} from '../adaptive-walk.ts';
import { ArithmeticEncoder } from '../arithmetic-encode.ts';
import { canonicalShared } from '../canonical-codebook.ts';
import type { FormOfShape, GroupEncoder } from '../contract.ts';
import { mantissaBits } from '../float-bits.ts';
import { planCodebook } from '../plan-codebook.ts';

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
  const encoder = new ArithmeticEncoder();
  const memory = newMemory();
  for (const { form, shape } of items) {
    const given = withoutScan(form);
    const scan = bestScan(memory, given, shape);
    codeWeight(encoder, memory, shape, 65536, { ...given, scan });
  }
  return encoder.finish();
}

function withoutScan(form: Form): Omit<Given, 'scan'> {
  if (form.kind === 'shared') {
    const canonical = canonicalShared(form);
    return { form: canonical, codebook: planCodebook(canonical.codebook), mantissa: 0 };
  }
  if (form.kind === 'masked') {
    const mask = form.mask.map((bit) => (bit === 0 ? 0 : 1));
    const values = form.values.map((value, i) => (mask[i] ? value : 0));
    return { form: { ...form, values, mask }, mantissa: mantissaBits(values) };
  }
  return { form, mantissa: mantissaBits(form.values) };
}

/** Above so many places, only the usual scan is tried. */
const MOST_PLACES_TRIED = 2 ** 21;

/** Tries rows or columns first, with the usual neighbourhood, that of a square image, and none. */
function bestScan(memory: Memory, given: Omit<Given, 'scan'>, shape: Shape): Scan {
  const places = shape.reduce((product, extent) => product * extent, 1);
  const columns = places / (shape[0] || 1);
  const linked = shape.length > 1 ? linkedColumns(memory, columns) : 0;
  const usual = usualScan(shape, linked);
  if (given.form.kind === 'dense' || shape.length < 2 || places > MOST_PLACES_TRIED) return usual;

  const plain: Scan = { transposed: false, width: 0, block: 1 };
  const candidates = [
    usual,
    { ...usual, transposed: true },
    plain,
    { ...plain, transposed: true },
    usualScan(shape, 0),
  ];
  const tried = new Set<string>();
  let best = usual;
  let bestSize = Infinity;
  for (const scan of candidates) {
    const key = JSON.stringify(scan);
    if (tried.has(key)) continue;
    tried.add(key);
    const encoder = new ArithmeticEncoder();
    const fresh = { ...newMemory(), rowsAlive: memory.rowsAlive };
    codeWeight(encoder, fresh, shape, 65536, { ...given, scan });
    if (encoder.size < bestSize) {
      best = scan;
      bestSize = encoder.size;
    }
  }
  return best;
}
