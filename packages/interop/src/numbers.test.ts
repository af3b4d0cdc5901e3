import { expect, test } from 'vitest';
import { firstNonFinite, fromFloat16, NUMBER_SIZE, type NumberType, toFloat32 } from './numbers.ts';

test('reads every float16: in order, exact, with both zeros and infinities', () => {
  const finite = Array.from({ length: 0x7c00 }, (_, bits) => fromFloat16(bits));
  expect(finite.every((value, i) => i === 0 || value > finite[i - 1]!)).toBe(true);
  expect(finite.every((value, bits) => Object.is(fromFloat16(bits | 0x8000), -value))).toBe(true);
  // The least, the least normal, one, the largest: IEEE 754-2008, binary16
  expect([finite[1], finite[0x400], finite[0x3c00], finite[0x7bff]]).toEqual([2 ** -24, 2 ** -14, 1, 65504]);
  expect([fromFloat16(0x7c00), fromFloat16(0xfc00), fromFloat16(0x7c01)]).toEqual([Infinity, -Infinity, Number.NaN]);
});

test.each<[NumberType, number[], number[]]>([
  ['float32', [0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc1], [1, -10]],
  ['bfloat16', [0x80, 0x3f, 0x20, 0xc1], [1, -10]],
  ['float64', [0, 0, 0, 0, 0, 0, 0xf8, 0x3f], [1.5]],
  ['int8', [255, 127], [-1, 127]],
  ['uint8', [255, 127], [255, 127]],
  ['int16', [0xfe, 0xff], [-2]],
  ['uint16', [0xfe, 0xff], [65534]],
  ['int32', [0xfe, 0xff, 0xff, 0xff], [-2]],
  ['uint32', [0, 0, 0, 0x80], [2 ** 31]],
])('reads %s of either byte order, from any offset', (type, bytes, expected) => {
  const inside = Uint8Array.of(7, ...bytes).subarray(1);
  expect([...toFloat32(inside, type)]).toEqual(expected);
  const size = NUMBER_SIZE[type];
  const turned = bytes.map((_, i) => bytes[Math.floor(i / size) * size + (size - 1 - (i % size))]!);
  expect([...toFloat32(Uint8Array.from(turned), type, false)]).toEqual(expected);
});

test('finds what is not finite', () => {
  expect(firstNonFinite(Float32Array.of(1, -0, 3.4e38))).toBe(-1);
  expect(firstNonFinite(Float32Array.of(1, Number.NaN, Infinity))).toBe(1);
});
