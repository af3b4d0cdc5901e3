import { type NamedAttrMap, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { SimdCall } from './simd-call.ts';
import type { TensorMemory } from './tensor-memory.ts';

// Rows from which a product is ours even if nothing is transposed. The stock kernel packs its right operand once and keeps
// that, which pays for the one row of a prediction; a training step's weights are new every time, and packing them took
// as long as the product itself at 64 rows (784 × 300: 2.2 ms, of which 1.1 packing).
const MANY_ROWS = 16;

/** Products with a transposed operand, or of many rows. */
export function product({ inputs, attributes, backend, memory }: SimdCall): TensorInfo | undefined {
  const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
  const sizes = productSizes(a, b, attributes);
  if (sizes === undefined) return undefined;
  const output = backend.makeOutput(sizes.shape, 'float32');
  multiply(memory, a, b, sizes, output, 0);
  return output;
}

/** Dense layers of tfjs-layers: the product starts from the bias instead of from 0. */
export function fusedProduct({ inputs, attributes, backend, memory }: SimdCall): TensorInfo | undefined {
  const { a, b, bias, preluActivationWeights } = inputs as Record<'a' | 'b', TensorInfo> & Record<string, TensorInfo>;
  const { activation } = attributes;
  if (preluActivationWeights || (activation !== 'linear' && activation !== 'relu')) return undefined;
  const sizes = productSizes(a, b, attributes);
  if (sizes === undefined || (bias && bias.shape.join() !== `${sizes.n}`)) return undefined;
  const output = backend.makeOutput(sizes.shape, 'float32');
  const { functions, addressOf } = memory;
  if (bias) functions.fillRows(addressOf(output), addressOf(bias), sizes.batches * sizes.m, sizes.n);
  multiply(memory, a, b, sizes, output, bias ? 1 : 0);
  if (activation === 'relu') functions.reluInPlace(addressOf(output), sizes.batches * sizes.m * sizes.n);
  return output;
}

/** C [m, n] = A [m, k] · B [k, n], for as many pairs as there are; steps between numbers count floats. */
interface ProductSizes {
  readonly shape: readonly number[];
  readonly batches: number;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  /** From one A to the next; 0 if one serves all. */
  readonly aBatch: number;
  readonly aRow: number;
  readonly aColumn: number;
  readonly bBatch: number;
  readonly bRow: number;
  readonly bColumn: number;
}

/** The sizes of a product that is ours to make. */
function productSizes(a: TensorInfo, b: TensorInfo, attributes: NamedAttrMap): ProductSizes | undefined {
  const { transposeA, transposeB } = attributes as { transposeA: boolean; transposeB: boolean };
  const [aHeight, aWidth] = a.shape.slice(-2) as [number, number];
  const [bHeight, bWidth] = b.shape.slice(-2) as [number, number];
  const [m, k] = transposeA ? [aWidth, aHeight] : [aHeight, aWidth];
  const [depth, n] = transposeB ? [bWidth, bHeight] : [bHeight, bWidth];
  const [aOuter, bOuter] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const [aCount, bCount] = [util.sizeFromShape(aOuter), util.sizeFromShape(bOuter)];
  // One operand may serve all products of the other; anything more general, and any error, is the stock kernel's.
  const sharedA = aCount === 1 && aOuter.length <= bOuter.length;
  const sharedB = bCount === 1 && bOuter.length <= aOuter.length;
  const simple = sharedA || sharedB || util.arraysEqual(aOuter, bOuter);
  if (k !== depth || !simple || !(transposeA || transposeB || m >= MANY_ROWS)) return undefined;
  return {
    shape: [...(sharedB ? aOuter : bOuter), m, n],
    batches: Math.max(aCount, bCount),
    ...{ m, k, n },
    ...{ aBatch: aCount === 1 ? 0 : m * k, aRow: transposeA ? 1 : k, aColumn: transposeA ? m : 1 },
    ...{ bBatch: bCount === 1 ? 0 : k * n, bRow: transposeB ? 1 : n, bColumn: transposeB ? k : 1 },
  };
}

function multiply(
  { functions, addressOf, withScratch }: TensorMemory,
  a: TensorInfo,
  b: TensorInfo,
  { batches, m, k, n, aBatch, aRow, aColumn, bBatch, bRow, bColumn }: ProductSizes,
  output: TensorInfo,
  accumulate: 0 | 1,
): void {
  const tables = [m, k, k, n].map((entries) => entries * 4);
  withScratch([functions.gemmScratchBytes(), ...tables], (scratch, aRows, aColumns, bRows, bColumns) => {
    functions.fillGrid(aRows!, 1, 1, m, 0, 0, aRow);
    functions.fillGrid(aColumns!, 1, 1, k, 0, 0, aColumn);
    functions.fillGrid(bRows!, 1, 1, k, 0, 0, bRow);
    functions.fillGrid(bColumns!, 1, 1, n, 0, 0, bColumn);
    for (let index = 0; index < batches; index++) {
      functions.gemm(
        ...([m, n, k] as const),
        ...([addressOf(a) + index * aBatch * 4, aRows!, aColumns!] as const),
        ...([addressOf(b) + index * bBatch * 4, bRows!, bColumns!] as const),
        ...([addressOf(output) + index * m * n * 4, n, accumulate] as const),
        scratch!,
      );
    }
  });
}
