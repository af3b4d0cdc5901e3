import { CorruptDataError, type Decoder, type Encoder, elementCount } from '@pare/core';
import type { MyThing } from './my-thing.ts';

/** A name and a version: it is written into the file, so change it when the bytes change. */
const ID = 'my-thing@1';

/** Writes the scale in four bytes and a bit a sign. */
export const encoder: Encoder<MyThing> = {
  id: ID,
  kind: 'my-thing',
  encode({ scale, signs }) {
    const bytes = new Uint8Array(4 + Math.ceil(signs.length / 8));
    new DataView(bytes.buffer).setFloat32(0, scale, true);
    for (let i = 0; i < signs.length; i++) if (signs[i]! > 0) bytes[4 + (i >> 3)]! |= 1 << (i & 7);
    return bytes;
  },
};

/** Reads it back. It trusts nothing: every length is checked before it is used. */
export const decoder: Decoder<MyThing> = {
  id: ID,
  decode(bytes, shape) {
    const count = elementCount(shape);
    const length = 4 + Math.ceil(count / 8);
    if (bytes.length !== length) {
      throw new CorruptDataError(
        'length',
        Math.min(length, bytes.length),
        `expected ${length} bytes, got ${bytes.length}`,
      );
    }
    if (count % 8 > 0 && bytes[length - 1]! >> (count % 8) !== 0) {
      throw new CorruptDataError('padding', length - 1, 'expected zeros behind the last sign');
    }
    const scale = new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0, true);
    if (!Number.isFinite(scale)) throw new CorruptDataError('value', 0, `the scale is ${scale}`);
    const signs = Int8Array.from({ length: count }, (_, i) => ((bytes[4 + (i >> 3)]! >> (i & 7)) & 1 ? 1 : -1));
    return { kind: 'my-thing', scale, signs };
  },
};
