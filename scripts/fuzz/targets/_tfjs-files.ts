type Files = Readonly<Record<string, Uint8Array>>;

const text = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
const ramp = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => i % 7);
const join = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

/** Two shards, two kinds of quantised numbers. */
export const LAYERS_FILES: Files = {
  'model.json': text({
    format: 'layers-model',
    modelTopology: {
      class_name: 'Sequential',
      config: {
        name: 'small',
        layers: [
          {
            class_name: 'Conv2D',
            config: {
              name: 'conv',
              batch_input_shape: [null, 2, 2, 1],
              filters: 2,
              kernel_size: [1, 1],
              activation: 'relu',
            },
          },
          { class_name: 'Flatten', config: { name: 'flatten' } },
          { class_name: 'Dense', config: { name: 'ip', units: 3, activation: 'softmax' } },
        ],
      },
    },
    weightsManifest: [
      {
        paths: ['a.bin', 'b.bin'],
        weights: [
          { name: 'conv/kernel', shape: [1, 1, 1, 2], dtype: 'float32' },
          { name: 'conv/bias', shape: [2], dtype: 'float32' },
          { name: 'ip/kernel', shape: [8, 3], dtype: 'float32', quantization: { dtype: 'uint8', scale: 0.1, min: -1 } },
          { name: 'ip/bias', shape: [3], dtype: 'float32', quantization: { dtype: 'float16' } },
        ],
      },
    ],
  }),
  'a.bin': floats(1, -1, 0.5, 0.25),
  'b.bin': join(ramp(24), Uint8Array.of(0x55, 0x35, 0, 0xbc, 1, 0)),
};

/** Fused nodes, attributes of all kinds, and what is no number. */
export const GRAPH_FILES: Files = {
  'model.json': text({
    format: 'graph-model',
    modelTopology: {
      node: [
        {
          name: 'x',
          op: 'Placeholder',
          attr: { shape: { shape: { dim: [{ size: '-1' }, { size: '4' }, { size: '4' }, { size: '1' }] } } },
        },
        { name: 'k', op: 'Const' },
        { name: 'kb', op: 'Const' },
        { name: 'w', op: 'Const' },
        { name: 'b', op: 'Const' },
        {
          name: 'c',
          op: '_FusedConv2D',
          input: ['x', 'k', 'kb'],
          attr: {
            strides: { list: { i: ['1', '1', '1', '1'] } },
            padding: { s: 'VkFMSUQ=' },
            data_format: { s: 'TkhXQw==' },
            fused_ops: { list: { s: ['Qmlhc0FkZA==', 'UmVsdQ=='] } },
          },
        },
        { name: 'shape', op: 'Const' },
        { name: 'flat', op: 'Reshape', input: ['c', 'shape'] },
        {
          name: 'y',
          op: '_FusedMatMul',
          input: ['flat', 'w', 'b', '^words'],
          attr: { fused_ops: { list: { s: ['Qmlhc0FkZA==', 'UmVsdQ=='] } } },
        },
        { name: 'words', op: 'Const' },
        { name: 'z', op: 'Softmax', input: ['y'] },
      ],
      versions: {},
    },
    weightsManifest: [
      {
        paths: ['w.bin'],
        weights: [
          { name: 'k', shape: [3, 3, 1, 2], dtype: 'float32', quantization: { dtype: 'uint8', scale: 0.1, min: -0.3 } },
          { name: 'kb', shape: [2], dtype: 'float32' },
          { name: 'w', shape: [8, 2], dtype: 'float32', quantization: { dtype: 'float16' } },
          { name: 'b', shape: [2], dtype: 'float32' },
          { name: 'shape', shape: [2], dtype: 'int32' },
          { name: 'words', shape: [2], dtype: 'string' },
        ],
      },
    ],
  }),
  'w.bin': join(
    ramp(18),
    floats(5, 6),
    ramp(32),
    floats(1, 2),
    Uint8Array.of(255, 255, 255, 255, 8, 0, 0, 0),
    Uint8Array.of(2, 0, 0, 0, 104, 105, 0, 0, 0, 0),
  ),
};
