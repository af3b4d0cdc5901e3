import type { Decoder, Encoder, Form, Shape } from '@pare/core';

/** Is told, when a record is taken apart for a report, how many bits went to which of its streams, of which of its weights. */
export type Trace = (stream: string, bits: number, index: number) => void;

/** A form and its extents: what a record knows of a weight. */
export interface FormOfShape<F extends Form = Form> {
  readonly form: F;
  readonly shape: Shape;
}

/** An encoder that can put several weights, one after the other, into one record, for less than their separate records. The
 * forms may be of any kind that an encoder of the same id takes. */
export interface GroupEncoder<F extends Form = Form> extends Encoder<F> {
  encodeGroup(items: readonly FormOfShape[]): Uint8Array;
}

/** What a decoder is told beside the bytes. */
export interface DecodeOptions {
  /** Most entries of a codebook; default 65536. */
  readonly maxCodebook?: number;
  /** Receives sizes by stream. */
  readonly trace?: Trace;
}

/** A decoder as this package writes them: with limits, and a report of sizes if asked. */
export interface TracingDecoder<F extends Form = Form> extends Decoder<F> {
  decode(bytes: Uint8Array, shape: Shape, options?: DecodeOptions): F;
  /** Reads what {@link GroupEncoder.encodeGroup} wrote. */
  decodeGroup?(bytes: Uint8Array, shapes: readonly Shape[], options?: DecodeOptions): F[];
  /**
   * Reads a record, of one weight or several, straight into floats.
   *
   * @param into - gives the array for the weight of an index, of as many numbers as its shape has; what is in it is overwritten
   * @returns those arrays
   */
  decodeDense?(
    bytes: Uint8Array,
    shapes: readonly Shape[],
    into: (index: number) => Float32Array,
    options?: DecodeOptions,
  ): Float32Array[];
}
