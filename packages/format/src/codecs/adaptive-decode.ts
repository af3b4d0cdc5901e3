import type { Form } from '@pare/core';
import { codeWeight, newMemory } from '../adaptive-walk.ts';
import { ArithmeticDecoder } from '../arithmetic-decode.ts';
import type { BitCoder } from '../bit-coder.ts';
import type { TracingDecoder } from '../contract.ts';

/**
 * Decodes what the adaptive encoders wrote, whatever the form.
 *
 * @throws CorruptDataError if the bytes are no such record
 * @example
 * adaptive.decode(denseAdaptive.encode({ kind: 'dense', values: Float32Array.of(1, -2) }, [2]), [2]) // { kind: 'dense', values: Float32Array [1, -2] }
 */
export const adaptive: TracingDecoder = {
  id: 'adaptive@1',
  decode(bytes, shape, { maxCodebook, trace } = {}) {
    const options = { ...(maxCodebook !== undefined && { maxCodebook }) };
    return decodeGroup(
      bytes,
      [shape],
      trace ? { ...options, trace: (_, stream, bits) => trace(stream, bits) } : options,
    )[0]!;
  },
  decodeGroup,
};

function decodeGroup(
  ...[bytes, shapes, { maxCodebook = 65536, trace } = {}]: Parameters<NonNullable<TracingDecoder['decodeGroup']>>
): Form[] {
  const decoder = new ArithmeticDecoder(bytes);
  const memory = newMemory();
  const forms = shapes.map((shape, index) =>
    codeWeight(
      trace ? tracing(decoder, (stream, bits) => trace(index, stream, bits)) : decoder,
      memory,
      shape,
      maxCodebook,
    ),
  );
  decoder.expectEnd();
  return forms;
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
