// What both walks ask of the places around one: twin of src/place-coder.ts.

import { int } from './memory';
import { Mixture, setInput, stretch } from './mixture';

/** Counts stay below 2²⁸, so all this is exact. */
function logitOf(numerator: f64, denominator: i32): i32 {
  return stretch(<u32>min(max(<i32>(numerator / <f64>denominator), 1), 4095));
}

@inline
export function clampTo(value: i32, bound: i32): i32 {
  return max(-bound, min(bound, value));
}

@inline
export function fiveSteps(sum: i32): i32 {
  return sum < -2 ? 0 : sum < 0 ? 1 : sum === 0 ? 2 : sum < 3 ? 3 : 4;
}

@inline
export function sign(signs: usize, index: i32): i32 {
  return load<i8>(signs + index);
}

@inline
export function odd(signs: usize, index: i32): i32 {
  return load<i8>(signs + index) & 1;
}

/** The five densities: of this column, this line, the columns beside, everything, and a constant. */
export function setDensities(
  mixture: Mixture,
  kept: usize,
  at: i32,
  width: i32,
  line: i32,
  j: i32,
  inLine: i32,
  things: i32,
  seen: i32,
  prior: i32,
): void {
  const density = <i32>((<f64>things * 4096 + <f64>(prior * 64)) / <f64>(seen + 64));
  const beside = int(kept, at - 1) + int(kept, at + 1) + (width > 0 ? int(kept, at - width) + int(kept, at + width) : 0);
  setInput(mixture, 0, logitOf(<f64>int(kept, at) * 4096 + <f64>(3 * density), line + 3));
  setInput(mixture, 1, logitOf(<f64>inLine * 4096 + <f64>(8 * density), j + 8));
  setInput(mixture, 2, logitOf(<f64>beside * 4096 + <f64>(4 * density), (width > 0 ? 4 : 2) * line + 4));
  setInput(mixture, 3, stretch(<u32>min(max(density, 1), 4095)));
  setInput(mixture, 4, 256);
}

export function shapeOf(signs: usize, at: i32, width: i32): i32 {
  return (
    odd(signs, at - 1) +
    2 * odd(signs, at - 2) +
    (width > 0 ? 4 * odd(signs, at - width) + 8 * odd(signs, at - width - 1) : 0) +
    (width > 1 ? 16 * odd(signs, at - width + 1) : 0)
  );
}

@inline
export function lanesOf(inColumn: i32, inLine: i32, line: i32, j: i32): i32 {
  return (
    8 * min<i32>(7, <i32>(<u32>(inColumn * 16) / <u32>(line + 2))) +
    min<i32>(7, <i32>(<u32>(inLine * 16) / <u32>(j + 4)))
  );
}
