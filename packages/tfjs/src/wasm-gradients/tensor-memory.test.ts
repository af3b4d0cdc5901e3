import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWasm, valuesOn, wholeNumbers } from '../../test/backends.ts';
import { gradientsWasm } from './gradients.wasm.ts';
import { installWasmGradients } from './install.ts';
import { simdKernels } from './simd-kernels.ts';
import { tensorMemoryOf } from './tensor-memory.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
  await startWasm();
  installWasmGradients();
});
afterAll(() => installWasmGradients().uninstall());

test('the module brings no memory and no data of its own', () => {
  const bytes = Uint8Array.from(atob(gradientsWasm), (char) => char.charCodeAt(0));
  expect(WebAssembly.Module.imports(new WebAssembly.Module(bytes))).toEqual([
    { module: 'env', name: 'memory', kind: 'memory' },
  ]);
  const sections = [];
  for (let at = 8; at < bytes.length; ) {
    sections.push(bytes[at++]!);
    let [size, shift] = [0, 0]; // LEB128: seven bits a byte, the eighth says that more follow
    do {
      size += (bytes[at]! & 127) << shift;
      shift += 7;
    } while (bytes[at++]! > 127);
    at += size;
  }
  expect(sections).not.toContain(5); // memory
  expect(sections).not.toContain(11); // data
});

test('a tensor is found where the backend keeps it', () => {
  const x = tf.tensor1d([1, 2, 3]);
  const memory = tensorMemoryOf(tf.backend());
  const { HEAPU8 } = (tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } }).wasm;
  expect([...new Float32Array(HEAPU8.buffer, memory!.addressOf(x), 3)]).toEqual([1, 2, 3]);
  x.dispose();
});

test('gradients stay right when memory grows under them', () => {
  const attributes = { strides: 1, pad: 'same', dataFormat: 'NHWC', filterShape: [3, 3, 2, 5] };
  const gradient = () => {
    const inputs = { x: wholeNumbers([2, 9, 9, 2], 1), dy: wholeNumbers([2, 9, 9, 5], 2) };
    return tf.engine().runKernel('Conv2DBackpropFilter', inputs, attributes) as tf.Tensor;
  };
  const before = valuesOn('wasm', gradient);
  const { wasm } = tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } };
  const bytes = wasm.HEAPU8.length;
  const large = tf.zeros([bytes / 4]);
  expect(wasm.HEAPU8.length).toBeGreaterThan(bytes);
  expect(valuesOn('wasm', gradient)).toEqual(before);
  large.dispose();
});

test('without reach of the memory, or with a shared one, the other kernel is called', () => {
  const shared = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const strangers = [{}, { wasm: {} }, { wasm: { asm: {} } }, { wasm: { asm: { memory: shared } } }];
  const kernels = simdKernels((kernelName) => () => ({ dataId: {}, shape: [], dtype: kernelName as 'float32' }));
  for (const backend of strangers) {
    expect(tensorMemoryOf(backend)).toBeUndefined();
    for (const [name, kernel] of Object.entries(kernels)) {
      expect(kernel({ inputs: {}, backend, attrs: {} })).toMatchObject({ dtype: name });
    }
  }
});

test('scratch memory that cannot be had is a RangeError and loses nothing', () => {
  const refusing = { ...(tf.backend() as unknown as { wasm: object }).wasm, _malloc: () => 0 };
  const memory = tensorMemoryOf({ ...tf.backend(), wasm: refusing });
  expect(() => memory!.withScratch([100], () => undefined)).toThrow('no room for');
});
