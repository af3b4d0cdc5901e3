import { keep, type Tensor, tensor1d, tidy } from '@tensorflow/tfjs-core';

/**
 * Which weights of a layer are kept, in the orders in which the kernels walk them.
 *
 * Kept weights are numbered row by row, as they lie in [K, C, R, S]; that number is the weight's place in a packed tensor.
 */
export interface SparsePattern {
  /** Of the weights: [K, C, R, S], or [K, C] of a dense layer. */
  readonly shape: readonly number[];
  readonly outChannels: number;
  readonly inChannels: number;
  /** Rows and columns of a filter; 1 × 1 for a dense layer. */
  readonly rows: number;
  readonly columns: number;
  /** Kept weights. */
  readonly count: number;
  /** count / (K · C · R · S) */
  readonly density: number;
  /** Position of each kept weight in the weight tensor, ascending. */
  readonly positions: Int32Array;
  /** The tables of the kernels, on the current backend; made at first use and kept until {@link SparsePattern.dispose}. */
  tables(): SparseTables;
  /** Frees the tables. The pattern can be used again, which makes them again. */
  dispose(): void;
}

/** int32 tensors. */
export interface SparseTables {
  /** [K + 1]: number of the first kept weight of each output channel. */
  readonly rowStart: Tensor;
  /** For each kept weight {c: u32, r: u16, s: u16}. */
  readonly places: Tensor;
  /** Its position in a weight tensor of full shape. */
  readonly positions: Tensor;
  /** Its position in a packed one: 0, 1, 2, … */
  readonly numbers: Tensor;
  /** [C · R · S + 1]: where the kept weights of each tap (c, r, s) begin in the column order (c, r, s, k). */
  readonly columnStart: Tensor;
  /** In column order: k, the position in the full tensor, the number. */
  readonly columnOutChannels: Tensor;
  readonly columnPositions: Tensor;
  readonly columnNumbers: Tensor;
}

/**
 * Reads the pattern off a mask. A dense weight is the mask of ones.
 *
 * @param mask - 0 = pruned, anything else = kept; length K · C · R · S, row-major
 * @param shape - [K, C, R, S] or [K, C]
 * @throws RangeError if the shape has another rank, or the mask another length
 * @example
 * sparsePattern([1, 0, 0, 1, 1, 0], [2, 3]).positions // Int32Array [0, 3, 4]
 */
export function sparsePattern(mask: ArrayLike<number>, shape: readonly number[]): SparsePattern {
  if (shape.length !== 2 && shape.length !== 4) {
    throw new RangeError(`sparsePattern: "shape" expected [K, C, R, S] or [K, C], got [${shape}]`);
  }
  const [outChannels, inChannels, rows, columns] = [shape[0]!, shape[1]!, shape[2] ?? 1, shape[3] ?? 1];
  const taps = inChannels * rows * columns;
  const size = outChannels * taps;
  if (mask.length !== size) {
    throw new RangeError(`sparsePattern: "mask" expected ${size} values for [${shape}], got ${mask.length}`);
  }
  const positions = keptPositions(mask);
  const count = positions.length;
  const { rowStart, columnStart, columnOrder } = sortBothWays(positions, outChannels, taps);
  let tables: SparseTables | undefined;
  return {
    shape: [...shape],
    outChannels,
    inChannels,
    rows,
    columns,
    count,
    density: size === 0 ? 0 : count / size,
    positions,
    tables() {
      const int32 = (values: Int32Array) => keep(tensor1d(values, 'int32'));
      return (tables ??= tidy(() => ({
        rowStart: int32(rowStart),
        places: int32(placesOf(positions, taps, rows, columns)),
        positions: int32(positions),
        numbers: int32(positions.map((_, number) => number)),
        columnStart: int32(columnStart),
        columnOutChannels: int32(columnOrder.map((number) => Math.floor(positions[number]! / taps))),
        columnPositions: int32(columnOrder.map((number) => positions[number]!)),
        columnNumbers: int32(columnOrder),
      })));
    },
    dispose() {
      for (const table of Object.values(tables ?? {})) (table as Tensor).dispose();
      tables = undefined;
    },
  };
}

/**
 * The kept weights of a whole tensor, in the order of `pattern.positions`.
 *
 * @throws RangeError if there are not K · C · R · S weights
 * @example
 * packWeights(sparsePattern([0, 1, 1], [1, 3]), Float32Array.of(5, 6, 7)) // Float32Array [6, 7]
 */
export function packWeights(pattern: SparsePattern, weights: ArrayLike<number>): Float32Array {
  const size = pattern.shape.reduce((product, extent) => product * extent, 1);
  if (weights.length !== size) {
    throw new RangeError(
      `packWeights: "weights" expected ${size} values for [${pattern.shape}], got ${weights.length}`,
    );
  }
  return Float32Array.from(pattern.positions, (position) => weights[position]!);
}

/**
 * The whole tensor again, 0 where pruned: unpackWeights(pattern, packWeights(pattern, w)) = w · mask.
 *
 * @throws RangeError if there are not `pattern.count` weights
 * @example
 * unpackWeights(sparsePattern([0, 1, 1], [1, 3]), Float32Array.of(6, 7)) // Float32Array [0, 6, 7]
 */
export function unpackWeights(pattern: SparsePattern, packed: ArrayLike<number>): Float32Array {
  if (packed.length !== pattern.count) {
    throw new RangeError(`unpackWeights: "packed" expected ${pattern.count} values, got ${packed.length}`);
  }
  const weights = new Float32Array(pattern.shape.reduce((product, extent) => product * extent, 1));
  pattern.positions.forEach((position, number) => {
    weights[position] = packed[number]!;
  });
  return weights;
}

function keptPositions(mask: ArrayLike<number>): Int32Array {
  let count = 0;
  for (let i = 0; i < mask.length; i++) if (mask[i] !== 0) count++;
  const positions = new Int32Array(count);
  for (let i = 0, next = 0; i < mask.length; i++) if (mask[i] !== 0) positions[next++] = i;
  return positions;
}

/** Two counting sorts: the positions are by k already, and stay so within each tap. */
function sortBothWays(positions: Int32Array, outChannels: number, taps: number) {
  const rowStart = new Int32Array(outChannels + 1);
  const columnStart = new Int32Array(taps + 1);
  for (const position of positions) {
    rowStart[Math.floor(position / taps) + 1]!++;
    columnStart[(position % taps) + 1]!++;
  }
  for (let k = 0; k < outChannels; k++) rowStart[k + 1]! += rowStart[k]!;
  for (let tap = 0; tap < taps; tap++) columnStart[tap + 1]! += columnStart[tap]!;
  const next = columnStart.slice();
  const columnOrder = new Int32Array(positions.length);
  positions.forEach((position, number) => {
    columnOrder[next[position % taps]!++] = number;
  });
  return { rowStart, columnStart, columnOrder };
}

/** {c: u32, r: u16, s: u16}, little-endian as all of wasm, in two int32 for each kept weight. */
function placesOf(positions: Int32Array, taps: number, rows: number, columns: number): Int32Array {
  const places = new Int32Array(2 * positions.length);
  positions.forEach((position, number) => {
    const tap = position % taps;
    const [c, r, s] = [Math.floor(tap / (rows * columns)), Math.floor(tap / columns) % rows, tap % columns];
    places[2 * number] = c;
    places[2 * number + 1] = r | (s << 16);
  });
  return places;
}
