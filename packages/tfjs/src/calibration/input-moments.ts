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
    readonly exampleMoment?: Float32Array;
    readonly crossMoment?: Float32Array;
  };
  dispose(): void;
}

// Rows that are collected before they are multiplied: as deep as a block of `assembly/gemm.ts`, so that a dense layer's sum,
// hundreds of megabytes, is read and written once for so many examples.
const ROWS = 256;

/** Starts the moments of a layer's inputs. */
export function inputMoments({
  groups,
  width,
  perExample,
}: Pick<Patches, 'groups' | 'width' | 'perExample'>): InputMoments {
  const parts = Array.from({ length: groups }, () => groupMoments(width, perExample));
  let count = 0;
  return {
    add(patches, reference) {
      count += patches.count;
      parts.forEach((part, g) => void part.add(patches.rows[g]!, reference?.rows[g]));
    },
    take() {
      const taken = parts.map((part) => part.take(1 / Math.max(1, count)));
      const examples = taken.flatMap(({ example }) => example ?? []);
      const crossed = taken.flatMap(({ cross }) => cross ?? []);
      return {
        inputSecondMoment: joined(taken.map(({ second }) => second)),
        inputMean: joined(taken.map(({ mean }) => mean)),
        ...(examples.length > 0 && { exampleMoment: joined(examples) }),
        ...(crossed.length > 0 && { crossMoment: joined(crossed) }),
      };
    },
    dispose: () => void parts.map((part) => part.dispose()),
  };
}

function groupMoments(width: number, perExample: number) {
  const sum = new Float64Array(width);
  const second = productSum(width);
  const means = perExample > 1 ? productSum(width) : undefined;
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
      const ofExamples = meansOf(rows, width, perExample);
      for (let at = 0, i = 0; at < ofExamples.length; at++) {
        sum[i]! += ofExamples[at]! * perExample;
        if (++i === width) i = 0;
      }
      means?.add(ofExamples, ofExamples, ofExamples.length / width);
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
        example: means?.take(factor * perExample),
        cross: cross?.take(factor),
      };
    },
    dispose(): void {
      second.dispose();
      means?.dispose();
      cross?.dispose();
    },
  };
}

/** The mean of each `perExample` rows, `[examples, width]`. */
function meansOf(rows: Float32Array, width: number, perExample: number): Float32Array {
  if (perExample === 1) return rows;
  const means = new Float32Array(rows.length / perExample);
  const sum = new Float64Array(width);
  for (let from = 0, to = 0; to < means.length; to += width) {
    sum.fill(0);
    for (let m = 0; m < perExample; m++) for (let i = 0; i < width; i++, from++) sum[i]! += rows[from]!;
    for (let i = 0; i < width; i++) means[to + i] = sum[i]! / perExample;
  }
  return means;
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
