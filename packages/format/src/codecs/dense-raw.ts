import { CorruptDataError, type Decoder, type Dense } from '@pare/core';

/**
 * Reads float32, little-endian, as it is.
 *
 * @throws CorruptDataError if the bytes are not four for each weight
 * @example
 * denseRawDecoder.decode(Uint8Array.of(0, 0, 128, 63), [1]).values // Float32Array [1]
 */
export const denseRawDecoder: Decoder<Dense> = {
  id: 'dense-raw@1',
  decode(bytes, shape) {
    const count = shape.reduce((product, extent) => product * extent, 1);
    if (bytes.length !== 4 * count) {
      throw new CorruptDataError('wrong-length', bytes.length, `${bytes.length} bytes for ${count} floats of four`);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    // Bits, not values: a float on the way through a number may lose the payload of a NaN.
    const words = Uint32Array.from({ length: count }, (_, i) => view.getUint32(4 * i, true));
    return { kind: 'dense', values: new Float32Array(words.buffer) };
  },
};
