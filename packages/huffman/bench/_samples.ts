/** Symbols like those of compressed layers, from a generator of fixed seed: the same in every run. */
export interface Samples {
  readonly what: string;
  readonly draw: (count: number) => Uint8Array;
}

export const samples: readonly Samples[] = [
  { what: 'gaps at density 0.4, 8 symbols', draw: gaps(0.4, 8) },
  { what: 'gaps at density 0.08, 32 symbols', draw: gaps(0.08, 32) },
  { what: 'shared weights, 16 symbols', draw: sharedWeights(16) },
  { what: 'shared weights, 32 symbols', draw: sharedWeights(32) },
  { what: 'shared weights, 64 symbols', draw: sharedWeights(64) },
  { what: 'shared weights, 256 symbols', draw: sharedWeights(256) },
];

/** Zeros between non-zeros that fall at random: geometric, the rare long ones cut to the last symbol. */
function gaps(density: number, symbols: number): (count: number) => Uint8Array {
  return (count) => {
    const uniform = xorshift();
    return Uint8Array.from({ length: count }, () =>
      Math.min(symbols - 1, Math.floor(Math.log(uniform()) / Math.log(1 - density))),
    );
  };
}

/** Index into evenly spaced values of a normal weight whose middle was pruned: two humps. */
function sharedWeights(symbols: number): (count: number) => Uint8Array {
  return (count) => {
    const uniform = xorshift();
    const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    return Uint8Array.from({ length: count }, () => {
      let weight = normal();
      while (Math.abs(weight) < 0.7) weight = normal();
      return Math.max(0, Math.min(symbols - 1, Math.round((weight / 6.4 + 0.5) * (symbols - 1))));
    });
  };
}

/** Numbers in (0, 1]. Marsaglia 2003, "Xorshift RNGs", section 3. */
function xorshift(): () => number {
  let state = 12345;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) + 1) / 2 ** 32;
  };
}
