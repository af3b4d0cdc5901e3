import { type EieMachine, eieMachine } from './machine.ts';

/**
 * A sparse matrix as EIE holds it. Rows are dealt to processing elements like cards: element k owns rows i with i mod N = k, the
 * local row being ⌊i/N⌋. Each element stores its columns one after the other as entries (code, zeros before it).
 */
export interface EieMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly machine: EieMachine;
  /** Codes of all entries, element after element; 0 for padding. */
  readonly codes: Uint16Array;
  /** Zeros before each entry. */
  readonly gaps: Uint16Array;
  /** `[N]`: where the entries of each element begin. */
  readonly offsets: Uint32Array;
  /** `[N, columns + 1]`: entries of an element before each column, and of all. */
  readonly pointers: Uint32Array;
  readonly nonzeros: number;
}

/**
 * Encodes a matrix of codes. At a nonzero after c zeros, with g = 2^indexBits − 1 the largest gap, ⌊c/(g + 1)⌋ padding entries
 * (code 0, gap g) come first: each stands for g zeros and its own. Zeros at the end of a column cost nothing.
 *
 * @param codes - `[rows, columns]`, row-major; 0 is zero
 * @throws RangeError if `rows` or `columns` is no count, `codes` has another length, or a code needs more than the machine's `codebookBits`
 * @example
 * const column = Uint16Array.from({ length: 23 }, (_, i) => (i === 2 ? 1 : i === 3 ? 2 : i === 22 ? 3 : 0));
 * const { codes, gaps } = encodeEie(column, 23, 1, { peCount: 1 });
 * [...codes].join(' ') + ' | ' + [...gaps].join(' ') // '1 2 0 3 | 2 0 15 2'
 * @see Han et al. 2016 (EIE), section III.B, and the example there
 */
export function encodeEie(
  codes: Uint16Array | Uint8Array,
  rows: number,
  columns: number,
  options: Partial<EieMachine> = {},
): EieMatrix {
  const machine = eieMachine(options);
  const { peCount, indexBits, codebookBits } = machine;
  for (const [name, count] of Object.entries({ rows, columns })) {
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new RangeError(`encodeEie: "${name}" expected a whole number ≥ 0, got ${count}`);
    }
  }
  if (codes.length !== rows * columns) {
    throw new RangeError(`encodeEie: "codes" expected ${rows} · ${columns} numbers, got ${codes.length}`);
  }
  const wrong = codes.findIndex((code) => code >= 2 ** codebookBits);
  if (wrong >= 0) {
    throw new RangeError(`encodeEie: "codes" expected < ${2 ** codebookBits}, got ${codes[wrong]} at index ${wrong}`);
  }
  const span = 2 ** indexBits; // zeros that a padding entry bridges, its own included
  const outCodes: number[] = [];
  const outGaps: number[] = [];
  const offsets = new Uint32Array(peCount);
  const pointers = new Uint32Array(peCount * (columns + 1));
  let nonzeros = 0;
  for (let pe = 0; pe < peCount; pe++) {
    const offset = outCodes.length;
    offsets[pe] = offset;
    for (let column = 0; column < columns; column++) {
      let zeros = 0;
      for (let row = pe; row < rows; row += peCount) {
        const code = codes[row * columns + column]!;
        if (code === 0) {
          zeros++;
          continue;
        }
        for (; zeros >= span; zeros -= span) {
          outCodes.push(0);
          outGaps.push(span - 1);
        }
        outCodes.push(code);
        outGaps.push(zeros);
        nonzeros++;
        zeros = 0;
      }
      pointers[pe * (columns + 1) + column + 1] = outCodes.length - offset;
    }
  }
  return {
    rows,
    columns,
    machine,
    codes: Uint16Array.from(outCodes),
    gaps: Uint16Array.from(outGaps),
    offsets,
    pointers,
    nonzeros,
  };
}

/**
 * Decodes a matrix: exactly what `encodeEie` was given.
 *
 * @returns codes `[rows, columns]`
 */
export function decodeEie({ rows, columns, machine, codes, gaps, offsets, pointers }: EieMatrix): Uint16Array {
  const out = new Uint16Array(rows * columns);
  for (let pe = 0; pe < machine.peCount; pe++) {
    for (let column = 0; column < columns; column++) {
      const at = pe * (columns + 1) + column;
      let local = -1; // local row of the entry before
      for (let entry = offsets[pe]! + pointers[at]!; entry < offsets[pe]! + pointers[at + 1]!; entry++) {
        local += gaps[entry]! + 1;
        out[(local * machine.peCount + pe) * columns + column] = codes[entry]!;
      }
    }
  }
  return out;
}
