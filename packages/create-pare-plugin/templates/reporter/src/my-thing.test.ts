import { describeReporter } from '@pare/testkit';
import { expect, test } from 'vitest';
import { myThing } from './index.ts';

// What everyone relies on: a pure function, at home with empty networks, strange names and absent numbers.
describeReporter('my-thing', myThing);

test('writes a line a weight, and quotes what needs it', () => {
  const weight = { name: 'fc, "last"', shape: [10, 4], density: 0.5, bytes: 12, codec: 'streams@1' };
  const csv = myThing.render({
    title: 'net.onnx',
    bytes: 100,
    originalBytes: 1000,
    beside: [],
    weights: [weight],
    facts: [],
    notes: [],
  });
  expect(csv.split('\r\n')).toEqual([
    'weight,shape,density,bytes,relative error,codec',
    '"fc, ""last""",10x4,0.5,12,,streams@1',
    '',
  ]);
});
