import type { Form, Shape } from '@pare/core';
import { codeWeight, newMemory } from '../adaptive-walk.ts';
import { ArithmeticDecoder, mostBits } from '../arithmetic-decode.ts';
import type { BitCoder } from '../bit-coder.ts';
import type { DecodeOptions, TracingDecoder } from '../contract.ts';

/** Opens the bytes of a record for decoding, or does not if it cannot. */
export type OpenDecoder = (bytes: Uint8Array) => (BitCoder & { expectEnd(): void }) | undefined;

const inJavaScript = (bytes: Uint8Array): ArithmeticDecoder => new ArithmeticDecoder(bytes, mostBits(bytes.length));

/**
 * Decodes what the adaptive encoders wrote, whatever the form, in plain JavaScript.
 *
 * @throws CorruptDataError if the bytes are no such record
 * @example
 * adaptive.decode(denseAdaptive.encode({ kind: 'dense', values: Float32Array.of(1, -2) }, [2]), [2]) // { kind: 'dense', values: Float32Array [1, -2] }
 */
export const adaptive: TracingDecoder = /* @__PURE__ */ adaptiveWith(inJavaScript);

/**
 * Makes the decoder of `adaptive@1` from an arithmetic decoder; where that does not open, JavaScript's is used, and for reports
 * as well.
 */
export function adaptiveWith(open: OpenDecoder): TracingDecoder {
  const decodeGroup = (bytes: Uint8Array, shapes: readonly Shape[], options: DecodeOptions = {}): Form[] => {
    const { maxCodebook = 65536, trace } = options;
    const decoder = (trace ? undefined : open(bytes)) ?? inJavaScript(bytes);
    const memory = newMemory();
    const forms = shapes.map((shape, index) =>
      codeWeight(
        trace ? tracing(decoder, (stream, bits) => trace(stream, bits, index)) : decoder,
        memory,
        shape,
        maxCodebook,
      ),
    );
    decoder.expectEnd();
    return forms;
  };
  return {
    id: 'adaptive@1',
    decode: (bytes, shape, options) => decodeGroup(bytes, [shape], options)[0]!,
    decodeGroup,
  };
}

/** Passes bits through and tells the information of each. */
function tracing(coder: BitCoder, trace: (stream: string, bits: number) => void): BitCoder {
  let stream = 'parameters';
  return {
    code(bit, probability) {
      const result = coder.code(bit, probability);
      trace(stream, -Math.log2((result ? probability : 65536 - probability) / 65536));
      return result;
    },
    fail: (code, explanation) => coder.fail(code, explanation),
    enter(name) {
      stream = name;
    },
  };
}
