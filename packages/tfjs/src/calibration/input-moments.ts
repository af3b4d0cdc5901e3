import type { Patches } from './patches.ts';
import { type ProductSum, productSum } from './product-sum.ts';

/** What was seen of a layer's inputs so far. */
export interface InputMoments {
  /** @param reference - the same outputs' inputs in another network, if cross moments are wanted: then in every call */
  add(patches: Patches, reference?: Patches): void;
  /** Means over all that was added; ends it. */
  take(): {
    readonly inputSecondMoment: Float32Array;
    readonly inputMean: Float32Array;
    readonly crossMoment?: Float32Array;
  };
  dispose(): void;
}

// Rows that are collected before they are multiplied: as deep as a block of `assembly/gemm.ts`, so that a dense layer's sum,
// hundreds of megabytes, is read and written once for so many examples.
const ROWS = 256;

/** Starts the moments of a layer's inputs. */
export function inputMoments({ groups, width }: Pick<Patches, 'groups' | 'width'>): InputMoments {
  const parts = Array.from({ length: groups }, () => groupMoments(width));
  let count = 0;
  return {
    add(patches, reference) {
      count += patches.count;
      parts.forEach((part, g) => void part.add(patches.rows[g]!, reference?.rows[g]));
    },
    take() {
      const taken = parts.map((part) => part.take(1 / Math.max(1, count)));
      const crossed = taken.flatMap(({ cross }) => cross ?? []);
      return {
        inputSecondMoment: joined(taken.map(({ second }) => second)),
        inputMean: joined(taken.map(({ mean }) => mean)),
        ...(crossed.length > 0 && { crossMoment: joined(crossed) }),
      };
    },
    dispose: () => void parts.map((part) => part.dispose()),
  };
}

function groupMoments(width: number) {
  const sum = new Float64Array(width);
  const second = productSum(width);
  let cross: ProductSum | undefined;
  const waiting = new Float32Array(ROWS * width);
  let waitingReference: Float32Array | undefined;
  let held = 0;
  const flush = (): void => {
    if (held === 0) return;
    const rows = waiting.subarray(0, held * width);
    second.add(rows, rows, held);
    if (waitingReference) cross!.add(waitingReference.subarray(0, held * width), rows, held);
    held = 0;
  };
  return {
    add(rows: Float32Array, reference?: Float32Array): void {
      if (reference) {
        cross ??= productSum(width);
        waitingReference ??= new Float32Array(ROWS * width);
      }
      for (let at = 0, i = 0; at < rows.length; at++) {
        sum[i]! += rows[at]!;
        if (++i === width) i = 0;
      }
      for (let from = 0; from < rows.length; ) {
        const end = Math.min(rows.length, from + (ROWS - held) * width);
        waiting.set(rows.subarray(from, end), held * width);
        if (reference) waitingReference!.set(reference.subarray(from, end), held * width);
        held += (end - from) / width;
        from = end;
        if (held === ROWS) flush();
      }
    },
    take(factor: number) {
      flush();
      return {
        second: second.take(factor),
        mean: Float32Array.from(sum, (total) => total * factor),
        cross: cross?.take(factor),
      };
    },
    dispose(): void {
      second.dispose();
      cross?.dispose();
    },
  };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  if (parts.length === 1) return parts[0]!;
  const out = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
