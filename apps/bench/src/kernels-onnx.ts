// Models of one layer for onnxruntime, written as Protocol Buffers. Field numbers: github.com/onnx/onnx, onnx/onnx.proto.

/** Weights of a layer that multiplies `[1, columns]` by `[columns, rows]`. */
export interface OnnxLayer {
  readonly rows: number;
  readonly columns: number;
  /** [rows · columns] */
  readonly values: Float32Array;
}

/** A product of float32. */
export function matMulModel({ rows, columns, values }: OnnxLayer): Uint8Array {
  const turned = new Float32Array(values.length);
  for (let m = 0; m < rows; m++) for (let n = 0; n < columns; n++) turned[n * rows + m] = values[m * columns + n]!;
  const node = [text(1, 'x'), text(1, 'w'), text(2, 'y'), text(4, 'MatMul')];
  return model(rows, columns, [node], [tensor('w', FLOAT, [columns, rows], turned)]);
}

/**
 * A product with weights of 4 bits in blocks of 32 with a scale each, computed in int8: onnxruntime's own `MatMulNBits`, as its tools
 * write it for language models.
 */
export function matMulInt4Model({ rows, columns, values }: OnnxLayer): Uint8Array {
  const BLOCK = 32;
  const blocks = columns / BLOCK;
  if (!Number.isInteger(blocks)) throw new RangeError(`matMulInt4Model: "columns" expected a multiple of ${BLOCK}`);
  const packed = new Uint8Array((rows * columns) / 2);
  const scales = new Float32Array(rows * blocks);
  for (let block = 0; block < scales.length; block++) {
    const of = values.subarray(block * BLOCK, (block + 1) * BLOCK);
    const scale = Math.max(...of.map(Math.abs)) / 7 || 1;
    scales[block] = scale;
    for (let i = 0; i < BLOCK; i++)
      packed[(block * BLOCK + i) >> 1]! |= (Math.round(of[i]! / scale) + 8) << (4 * (i & 1));
  }
  const node = [
    ...['x', 'w', 's'].map((name) => text(1, name)),
    text(2, 'y'),
    text(4, 'MatMulNBits'),
    ...Object.entries({ K: columns, N: rows, bits: 4, block_size: BLOCK, accuracy_level: 4 }).map(([name, value]) =>
      message(5, [text(1, name), whole(3, value), whole(20, 2)]),
    ),
    text(7, 'com.microsoft'),
  ];
  return model(
    rows,
    columns,
    [node],
    [tensor('w', UINT8, [rows, blocks, BLOCK / 2], packed), tensor('s', FLOAT, [rows * blocks], scales)],
  );
}

const FLOAT = 1;
const UINT8 = 2;

function model(rows: number, columns: number, nodes: Uint8Array[][], tensors: Uint8Array[][]): Uint8Array {
  const graph = [
    ...nodes.map((node) => message(1, node)),
    text(2, 'layer'),
    ...tensors.map((part) => message(5, part)),
    message(11, value('x', [1, columns])),
    message(12, value('y', [1, rows])),
  ];
  const opset = (domain: string, version: number) => message(8, [text(1, domain), whole(2, version)]);
  return joined([whole(1, 8), message(7, graph), opset('', 17), opset('com.microsoft', 1)]);
}

const value = (name: string, shape: readonly number[]): Uint8Array[] => [
  text(1, name),
  message(2, [
    message(1, [
      whole(1, FLOAT),
      message(
        2,
        shape.map((extent) => message(1, [whole(1, extent)])),
      ),
    ]),
  ]),
];

const tensor = (
  name: string,
  type: number,
  shape: readonly number[],
  data: Float32Array | Uint8Array,
): Uint8Array[] => [
  ...shape.map((extent) => whole(1, extent)),
  whole(2, type),
  text(8, name),
  bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
];

function varint(number: number): Uint8Array {
  const out: number[] = [];
  for (; number >= 128; number = Math.floor(number / 128)) out.push((number % 128) | 128);
  return Uint8Array.of(...out, number);
}

const whole = (field: number, number: number): Uint8Array => joined([varint(field * 8), varint(number)]);
const bytes = (field: number, data: Uint8Array): Uint8Array =>
  joined([varint(field * 8 + 2), varint(data.length), data]);
const text = (field: number, string: string): Uint8Array => bytes(field, new TextEncoder().encode(string));
const message = (field: number, parts: readonly Uint8Array[]): Uint8Array => bytes(field, joined(parts));

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
