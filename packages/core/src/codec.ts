import type { Form, Shape } from './weight.ts';

/** Form → bytes. The id is a name and a version (`shared-huffman@1`) and is what the file records. */
export interface Encoder<F extends Form = Form> {
  readonly id: string;
  readonly kind: F['kind'];
  encode(form: F, shape: Shape): Uint8Array;
}

/** Bytes → form. Trusts nothing: what cannot be a form of that shape is a CorruptDataError. */
export interface Decoder<F extends Form = Form> {
  readonly id: string;
  decode(bytes: Uint8Array, shape: Shape): F;
}
