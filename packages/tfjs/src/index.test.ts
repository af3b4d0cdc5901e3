import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import './index.ts';

// Every test file has modules of its own: whatever is registered here, the imports above have registered.
test('importing the package registers neither gradients nor a backend', async () => {
  expect(tf.getGradient('Conv2D')).toBeUndefined();
  expect(tf.findBackendFactory('wasm')).toBeFalsy(); // tfjs gives null
  await import('./layers.ts');
  expect(tf.getGradient('Conv2D')).toBeDefined(); // so it would have been seen: the bridge brings tfjs-layers
});
