import { sequence } from '../../../packages/architectures/src/index.ts';

/** A network small enough for a `.net` file of two kB. */
export const NET_LAYERS: ReturnType<typeof sequence> = sequence(
  [2, 3, 3],
  [
    { kind: 'conv2d', name: 'conv1', filters: 2, kernelSize: 3 },
    { kind: 'flatten', name: 'flat' },
    { kind: 'dense', name: 'ip1', units: 2 },
  ],
);

/** As the authors of "Deep compression" laid files out: counts, then for each layer codebook, biases, codes and gaps. */
export const NET_FILE: Uint8Array = netFile([
  { codebook: { 1: 0.5, 7: -2 }, bias: [1, -1], codes: [1, 0, 7], gaps: [0, 15, 2] },
  { codebook: { 255: 3 }, bias: [0, 0], codes: [255, 255], gaps: [1, 0] },
]);

interface Part {
  readonly codebook: Readonly<Record<number, number>>;
  readonly bias: readonly number[];
  readonly codes: readonly number[];
  readonly gaps: readonly number[];
}

function netFile(parts: readonly Part[]): Uint8Array {
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
