/** Reverses the low `length` bits: codes are compared from their first bit on, but written from the lowest. */
export function reverseBits(value: number, length: number): number {
  let reversed = 0;
  for (let i = 0; i < length; i++) reversed = (reversed << 1) | ((value >>> i) & 1);
  return reversed;
}
