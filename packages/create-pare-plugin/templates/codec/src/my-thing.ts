import { CorruptDataError, type Decoder, type Encoder, elementCount, type Masked } from '@pare/core';

/** A name and a version: it is written into the file, so change it when the bytes change. */
const ID = 'my-thing@1';

/**
 * Writes a masked weight as one bit a place and four bytes a kept number.
 *
 * @example
 * encoder.encode({ kind: 'masked', values: Float32Array.of(0, 2), mask: Uint8Array.of(0, 1) }, [2]).length // 5
 */
export const encoder: Encoder<Masked> = {
  id: ID,
  kind: 'masked',
  encode({ values, mask }) {
    const kept = mask.reduce((count, bit) => count + bit, 0);
    const places = Math.ceil(mask.length / 8);
    const bytes = new Uint8Array(places + 4 * kept);
    const view = new DataView(bytes.buffer);
    let at = places;
    for (let i = 0; i < mask.length; i++) {
      if (mask[i] === 0) continue;
      bytes[i >> 3]! |= 1 << (i & 7);
      view.setFloat32(at, values[i]!, true);
      at += 4;
    }
    return bytes;
  },
};

/** Reads it back. It trusts nothing: every length is checked before it is used. */
export const decoder: Decoder<Masked> = {
  id: ID,
  decode(bytes, shape) {
    const count = elementCount(shape);
    const places = Math.ceil(count / 8);
    if (bytes.length < places) {
      throw new CorruptDataError('truncated', bytes.length, `expected ${places} bytes of places, got ${bytes.length}`);
    }
    const mask = Uint8Array.from({ length: count }, (_, i) => (bytes[i >> 3]! >> (i & 7)) & 1);
    if (count % 8 > 0 && bytes[places - 1]! >> (count % 8) !== 0) {
      throw new CorruptDataError('padding', places - 1, 'expected zeros behind the last place');
    }
    const length = places + 4 * mask.reduce((kept, bit) => kept + bit, 0);
    if (bytes.length !== length) {
      throw new CorruptDataError(
        'length',
        Math.min(length, bytes.length),
        `expected ${length} bytes, got ${bytes.length}`,
      );
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const values = new Float32Array(count);
    for (let i = 0, at = places; i < count; i++) {
      if (mask[i] === 0) continue;
      values[i] = view.getFloat32(at, true);
      if (!Number.isFinite(values[i])) throw new CorruptDataError('value', at, `number ${i} is ${values[i]}`);
      at += 4;
    }
    return { kind: 'masked', values, mask };
  },
};
