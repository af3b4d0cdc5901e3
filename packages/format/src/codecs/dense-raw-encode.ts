import type { Dense, Encoder } from '@pare/core';
import { bitsOf } from '../float-bits.ts';

/**
 * Writes float32, little-endian, as it is: four bytes a weight.
 *
 * @example
 * denseRaw.encode({ kind: 'dense', values: Float32Array.of(1) }, [1]) // Uint8Array [0, 0, 128, 63]
 */
export const denseRaw: Encoder<Dense> = {
  id: 'dense-raw@1',
  kind: 'dense',
  encode({ values }) {
    const view = new DataView(new ArrayBuffer(4 * values.length));
    bitsOf(values).forEach((bits, i) => {
      view.setUint32(4 * i, bits, true);
    });
    return new Uint8Array(view.buffer);
  },
};
