import { elementCount, type Shape } from '@pare/core';
import { decodeModel, encodeModel } from '@pare/format';
import { denseForms, describeCodec, describeParametrization, describeStage } from '@pare/testkit';
import { expect, test } from 'vitest';
import { decoder, encoder, type MyThing, myThing, parametrization, toSigns } from './index.ts';

/** Random forms of this kind. */
const forms = denseForms({ limit: 8 }).map(({ form, shape }) => ({ form: toSigns(form.values), shape }));

/** What every form of this kind promises. */
function check({ scale, signs }: MyThing, shape: Shape): void {
  if (!Number.isFinite(scale)) throw new Error(`the scale is ${scale}`);
  if (signs.length !== elementCount(shape)) throw new Error(`${signs.length} signs for [${shape}]`);
  if (!signs.every((sign) => sign === 1 || sign === -1)) throw new Error('a sign is neither 1 nor −1');
}

describeParametrization('my-thing', parametrization, {
  forms,
  check,
  free: {
    read: ({ scale }) => Float32Array.of(scale),
    write: (form, free) => ({ ...form, scale: free[0]! }),
  },
});
describeCodec('my-thing', { encoder, decoder }, { forms, check });
describeStage('my-thing', myThing);

test('takes the mean size', () => {
  expect(toSigns(Float32Array.of(1, -3, 2))).toEqual({ kind: 'my-thing', scale: 2, signs: Int8Array.of(1, -1, 1) });
});

test('writes and reads a .pare file', () => {
  const weight = { name: 'w', shape: [3], form: toSigns(Float32Array.of(1, -3, 2)) };
  const file = encodeModel({ layers: [], weights: [weight], history: [] }, { encoders: [encoder] });
  expect(decodeModel(file, { decoders: [decoder] }).weights).toEqual([weight]);
});
