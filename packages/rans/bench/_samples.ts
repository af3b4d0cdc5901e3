/** Symbols like those of compressed layers, from a generator of fixed seed: the same in every run. */
export interface Samples {
  readonly what: string;
  readonly alphabetSize: number;
  readonly draw: (count: number) => Uint8Array | Uint16Array;
}

export const samples: readonly Samples[] = [
  { what: 'mask at density 0.1', alphabetSize: 2, draw: gaps(0.9, 2) },
  { what: 'gaps at density 0.4', alphabetSize: 8, draw: gaps(0.4, 8) },
  { what: 'gaps at density 0.08', alphabetSize: 32, draw: gaps(0.08, 32) },
  { what: 'shared weights, two humps', alphabetSize: 16, draw: sharedWeights(16) },
  { what: 'shared weights, two humps', alphabetSize: 64, draw: sharedWeights(64) },
  { what: 'shared weights, two humps', alphabetSize: 256, draw: sharedWeights(256) },
  { what: 'uint8 weights, one hump', alphabetSize: 256, draw: uniformSteps(256) },
  { what: 'codebook in arbitrary order', alphabetSize: 64, draw: shuffled(64) },
  { what: 'uint16 weights, one hump', alphabetSize: 65536, draw: uniformSteps(65536) },
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
    const normal = normals();
    return Uint8Array.from({ length: count }, () => {
      let weight = normal();
      while (Math.abs(weight) < 0.7) weight = normal();
      return toStep(weight / 6.4, symbols);
    });
  };
}

/** Laplacian weights, as trained ones nearly are, in equal steps over their range. */
function uniformSteps(symbols: number): (count: number) => Uint8Array | Uint16Array {
  return (count) => {
    const uniform = xorshift();
    const sign = xorshift(99);
    const draw = () => toStep(((sign() < 0.5 ? -1 : 1) * Math.log(uniform())) / 30, symbols);
    return symbols > 256 ? Uint16Array.from({ length: count }, draw) : Uint8Array.from({ length: count }, draw);
  };
}

/** A histogram without shape: frequencies of neighbours have nothing to do with each other. */
function shuffled(symbols: number): (count: number) => Uint8Array {
  return (count) => {
    const uniform = xorshift(7);
    const order = Array.from({ length: symbols }, (_, i) => i).sort(
      (a, b) => ((a * 37) % 61) - ((b * 37) % 61) || a - b,
    );
    return Uint8Array.from({ length: count }, () => order[Math.floor(symbols * uniform() ** 3)]!);
  };
}

const toStep = (weight: number, symbols: number): number =>
  Math.max(0, Math.min(symbols - 1, Math.round((weight + 0.5) * (symbols - 1))));

function normals(): () => number {
  const uniform = xorshift();
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Numbers in (0, 1]. Marsaglia 2003, "Xorshift RNGs", section 3. */
function xorshift(seed = 12345): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) + 1) / 2 ** 32;
  };
}
