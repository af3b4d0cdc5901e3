import { sequence } from '@pare/architectures';
import type { Layer } from '@pare/core';

/** A network small enough for a `.net` file of two kB. */
export const NET_LAYERS: readonly Layer[] = sequence(
  [2, 3, 3],
  [
    { kind: 'conv2d', name: 'conv1', filters: 2, kernelSize: 3 },
    { kind: 'flatten', name: 'flat' },
    { kind: 'dense', name: 'ip1', units: 2 },
  ],
);

/** Its two layers: the first one has a filler. */
export const NET_PARTS: readonly [NetPart, NetPart] = [
  { codebook: { 1: 0.5, 7: -2 }, bias: [1, -1], codes: [1, 0, 7], gaps: [0, 15, 2] },
  { codebook: { 255: 3 }, bias: [0, 0], codes: [255, 255], gaps: [1, 0] },
];

/** What a file has of one layer. */
export interface NetPart {
  /** Entries that are not zero, by code. */
  readonly codebook: Readonly<Record<number, number>>;
  readonly bias: readonly number[];
  readonly codes: readonly number[];
  readonly gaps: readonly number[];
}

/** Lays a file out as the authors of "Deep compression" did: counts, then for each layer codebook, biases, codes and gaps. */
export function netFile(parts: readonly NetPart[]): Uint8Array {
  const floats = (values: Float32Array): Uint8Array => new Uint8Array(values.buffer);
  const counts = new Uint32Array(parts.map(({ codes }) => codes.length));
  return Uint8Array.from([
    ...floats(new Float32Array(counts.buffer)),
    ...parts.flatMap(({ codebook, bias, codes, gaps }) => [
      ...floats(Float32Array.from({ length: 256 }, (_, i) => codebook[i] ?? 0)),
      ...floats(Float32Array.from(bias)),
      ...codes,
      ...gaps.flatMap((gap, i) => (i % 2 ? [] : [gap | ((gaps[i + 1] ?? 0) << 4)])),
    ]),
  ]);
}

/** The file of that network. */
export const NET_FILE: Uint8Array = netFile(NET_PARTS);
