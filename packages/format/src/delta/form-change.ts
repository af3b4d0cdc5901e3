import type { Form, Shared } from '@pare/core';
import { type BitCoder, codeGamma } from '../bit-coder.ts';
import { bitsOf } from '../float-bits.ts';
import { ChangeCoder } from './change-coder.ts';

/**
 * Walks what a weight became, given what it was: of the same kind and as many numbers.
 *
 * @param limit - most entries of a codebook
 * @param given - what it became, when encoding
 */
export function codeFormChange<F extends Form>(coder: BitCoder, was: F, limit: number, given?: F): F;
export function codeFormChange(coder: BitCoder, was: Form, limit: number, given?: Form): Form {
  if (was.kind === 'shared') return codeShared(coder, was, limit, given as Shared | undefined);
  const values = codeFloats(coder, was.values, (given as typeof was | undefined)?.values);
  if (was.kind === 'dense') return { kind: 'dense', values };
  const mask = codeMask(coder, was.mask, (given as typeof was | undefined)?.mask);
  // What is masked is zero, whatever the bytes say.
  values.forEach((value, i) => {
    if (value !== 0 && mask[i] === 0) coder.fail('not-a-mask', `number ${i} is ${value} where its mask is 0`);
  });
  return { kind: 'masked', values, mask };
}

function codeShared(coder: BitCoder, was: Shared, limit: number, given?: Shared): Shared {
  const entries = codeGamma(coder, given?.codebook.length ?? 0);
  if (entries > limit) coder.fail('limit', `a codebook of ${entries} entries, more than the ${limit} allowed`);
  const sameEntries = entries === was.codebook.length;
  const codebook = codeFloats(coder, sameEntries ? was.codebook : new Float32Array(entries), given?.codebook);
  const expected = sameEntries ? undefined : nearestEntries(was.codebook, codebook);

  // Symbols: 0 where nothing is, else the entry plus one.
  const count = was.mask.length;
  const mask = new Uint8Array(count);
  const indices = new Uint16Array(count);
  const changes = new ChangeCoder();
  for (let i = 0; i < count; i++) {
    const entry = was.indices[i]!;
    const before = was.mask[i] === 0 ? 0 : 1 + (expected ? expected[entry]! : entry);
    const symbol = changes.code(coder, before, given && given.mask[i] !== 0 ? given.indices[i]! + 1 : 0);
    if (symbol < 0 || symbol > entries) coder.fail('number-out-of-range', `entry ${symbol - 1} of ${entries}`);
    if (symbol === 0) continue;
    mask[i] = 1;
    indices[i] = symbol - 1;
  }
  return { kind: 'shared', codebook, indices, mask };
}

/** For each old entry the new one whose value is nearest; the first of two. */
function nearestEntries(old: Float32Array, next: Float32Array): Int32Array {
  return Int32Array.from(old, (value) => {
    let best = 0;
    next.forEach((candidate, i) => {
      if (Math.abs(candidate - value) < Math.abs(next[best]! - value)) best = i;
    });
    return best;
  });
}

/** Floats by their bits, in an order in which neighbours in value are neighbours in number. */
function codeFloats(coder: BitCoder, was: Float32Array, given?: Float32Array): Float32Array {
  const changes = new ChangeCoder();
  const before = bitsOf(was);
  const after = given && bitsOf(given);
  const values = new Float32Array(was.length);
  const bits = bitsOf(values);
  for (let i = 0; i < bits.length; i++) {
    bits[i] = ordered(changes.code(coder, ordered(before[i]! | 0), ordered((after?.[i] ?? 0) | 0)));
  }
  return values;
}

/** Sign and magnitude ⇄ two's complement: negative floats have their 31 lower bits turned over. Its own inverse. */
const ordered = (bits: number): number => bits ^ ((bits >> 31) & 0x7fffffff);

function codeMask(coder: BitCoder, was: Uint8Array, given?: Uint8Array): Uint8Array {
  const changes = new ChangeCoder();
  return Uint8Array.from(was, (bit, i) => {
    const kept = changes.code(coder, bit, given?.[i] ?? 0);
    return kept === 0 || kept === 1 ? kept : coder.fail('not-a-mask', `a mask of ${kept}`);
  });
}
