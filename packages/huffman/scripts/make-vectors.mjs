// Writes test/vectors/streams.json: streams made by a second, slow implementation of the format, which shares no code with
// the package. It builds strings of '0' and '1' and takes code lengths as they are given, so the vectors hold for any
// encoder's choices. Run: node packages/huffman/scripts/make-vectors.mjs
import { writeFileSync } from 'node:fs';

/** The low `count` bits of v, lowest first. */
const low = (v, count) => [...(v % 2 ** count).toString(2).padStart(count, '0')].reverse().join('').slice(0, count);
const unary = (u) => `${'1'.repeat(u)}0`;
const gamma = (v) => unary(v.toString(2).length - 1) + low(v, v.toString(2).length - 1);

// Differences of lengths in the order of their steps; null: an absence.
const STEPS = [0, 1, -1, null];
for (let difference = 2; difference <= 16; difference++) STEPS.push(difference, -difference);

function code(lengths) {
  const used = lengths.flatMap((length, symbol) => (length === undefined ? [] : [symbol]));
  let bits = gamma(used[0] + 1) + low(lengths[used[0]], 5);
  used.forEach((symbol, i) => {
    if (i === 0) return;
    const before = used[i - 1];
    if (symbol > before + 1) bits += unary(STEPS.indexOf(null)) + gamma(symbol - before - 1);
    bits += unary(STEPS.indexOf(lengths[symbol] - lengths[before]));
  });
  return bits;
}

/** Canonical codes by sorting and adding: one more, then as many zeros as the length grows. */
function codes(lengths) {
  const sorted = lengths.map((length, symbol) => ({ length, symbol })).filter(({ length }) => length !== undefined);
  sorted.sort((a, b) => a.length - b.length || a.symbol - b.symbol);
  const result = {};
  let code = -1n;
  let before = 0;
  for (const { length, symbol } of sorted) {
    code = before === 0 ? 0n : (code + 1n) << BigInt(length - before);
    result[symbol] = length === 0 ? '' : code.toString(2).padStart(length, '0');
    before = length;
  }
  return result;
}

function stream(symbols, lengths) {
  const code_ = codes(lengths);
  const coded = symbols.map((symbol) => code_[symbol]);
  let bits = code(lengths);
  if (symbols.length >= 8192) {
    const quarter = Math.ceil(symbols.length / 4);
    const most = quarter * Math.max(...Object.values(code_).map(({ length }) => length));
    for (let k = 0; k < 3; k++) {
      const size = coded.slice(k * quarter, (k + 1) * quarter).join('').length;
      bits += low(size, most.toString(2).length);
    }
  }
  bits += coded.join('');
  const bytes = [];
  for (let i = 0; i < bits.length; i += 8) {
    bytes.push(Number.parseInt([...bits.slice(i, i + 8).padEnd(8, '0')].reverse().join(''), 2));
  }
  return Buffer.from(bytes).toString('hex');
}

const sparse = (lengths) => Object.assign([], lengths);
const cases = [
  { what: 'neighbours alike', lengths: [1, 2, 3, 4, 5, 5] },
  { what: 'gaps between symbols', lengths: sparse({ 2: 2, 4: 2, 9: 2, 10: 3, 11: 3 }) },
  { what: 'arbitrary order', lengths: [3, 2, 4, 3, 2, 4, 3] },
  { what: 'codes of up to 16 bits, falling lengths', lengths: [16, ...Array.from({ length: 16 }, (_, i) => 16 - i)] },
  { what: 'symbols over 255', lengths: sparse({ 300: 1, 700: 2, 1001: 3, 1002: 3 }) },
  { what: 'four parts', lengths: [3, 2, 4, 3, 2, 4, 3], turns: 9000 },
  {
    what: 'four parts, symbols over 255, the last part shorter',
    lengths: sparse({ 0: 1, 999: 2, 1000: 2 }),
    turns: 8191,
  },
];

const vectors = cases.map(({ what, lengths, turns = 128 }) => {
  const used = lengths.flatMap((length, symbol) => (length === undefined ? [] : [symbol]));
  // Symbols about as often as their codes expect: all of them once, then each of length l once in 2^l turns.
  const symbols = [...used];
  for (let turn = 1; turn <= turns; turn++) for (const s of used) if (turn % 2 ** lengths[s] === 0) symbols.push(s);
  return {
    what,
    lengths: Object.fromEntries(used.map((symbol) => [symbol, lengths[symbol]])),
    turns,
    hex: stream(symbols, lengths),
  };
});
const lines = vectors.map((vector) => `    ${JSON.stringify(vector)}`).join(',\n');
writeFileSync(
  new URL('../test/vectors/streams.json', import.meta.url),
  `{
  "madeBy": "scripts/make-vectors.mjs, an independent implementation of the format",
  "symbols": "those of lengths in order; then turns 1, 2, …, in each of which those of length l come whose 2^l divides the turn",
  "vectors": [
${lines}
  ]
}
`,
);
