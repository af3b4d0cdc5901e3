// Writes test/vectors/streams.json: streams made by a second, slow implementation of the format, which shares no code with
// the package. It builds strings of '0' and '1' and takes code lengths as they are given, so the vectors hold for any
// encoder's choices. Run: node packages/huffman/scripts/make-vectors.mjs
import { writeFileSync } from 'node:fs';

const gamma = (v) => {
  const binary = v.toString(2);
  return `${'1'.repeat(binary.length - 1)}0${low(v, binary.length - 1)}`;
};
/** The low `count` bits of v, lowest first. */
const low = (v, count) => [...(v % 2 ** count).toString(2).padStart(count, '0')].reverse().join('').slice(0, count);

const RANKS = [
  // the codes of ranks 0, 1, 2, … by shape
  (r) => `${'1'.repeat(r)}0`,
  (r) => (r < 2 ? `0${r}` : `${'1'.repeat(r - 1)}0`),
  (r) => (r < 1 ? '0' : r < 3 ? `10${r - 1}` : `${'1'.repeat(r - 1)}0`),
  (r) => (r < 2 ? `0${r}` : r < 4 ? `10${r - 2}` : `${'1'.repeat(r - 2)}0`),
];
const ABSENT = [0, 1, 3, 5];

function table(lengths, { predictor, shape, absent }) {
  const first = lengths.findIndex((l) => l > 0);
  let bits = `0${gamma(first + 1)}${low(lengths[first], 5)}${low(predictor, 1)}${low(shape, 2)}${low(absent, 2)}`;
  let predicted = lengths[first];
  for (let s = first + 1; s < lengths.length; s++) {
    let run = 0;
    for (; lengths[s] === 0; s++) run++;
    if (run > 0) bits += RANKS[shape](ABSENT[absent]) + gamma(run);
    const difference = lengths[s] - predicted;
    const order = [0];
    for (let d = 1; d < 24; d++) order.push(d, -d);
    let rank = order.indexOf(difference);
    if (run === 0 && rank >= ABSENT[absent]) rank++;
    bits += RANKS[shape](rank);
    if (predictor === 1) predicted = lengths[s];
  }
  return bits;
}

/** Canonical codes by sorting and adding: one more, then as many zeros as the length grows. */
function codes(lengths) {
  const sorted = lengths.map((length, symbol) => ({ length, symbol })).filter(({ length }) => length > 0);
  sorted.sort((a, b) => a.length - b.length || a.symbol - b.symbol);
  const result = {};
  let code = -1n;
  let before = 0;
  for (const { length, symbol } of sorted) {
    code = before === 0 ? 0n : (code + 1n) << BigInt(length - before);
    result[symbol] = code.toString(2).padStart(length, '0');
    before = length;
  }
  return result;
}

function stream(symbols, wide, tableBits, lengths) {
  const width = symbols.length.toString(2).length;
  const code = codes(lengths);
  const bits = `${wide ? 1 : 0}${low(width, 5)}${low(symbols.length, width - 1)}${tableBits}${symbols.map((s) => code[s]).join('')}`;
  const bytes = [];
  for (let i = 0; i < bits.length; i += 8)
    bytes.push(Number.parseInt([...bits.slice(i, i + 8).padEnd(8, '0')].reverse().join(''), 2));
  return Buffer.from(bytes).toString('hex');
}

const cases = [
  {
    what: 'neighbours alike, unary',
    lengths: [1, 2, 3, 4, 5, 5],
    layout: { predictor: 1, shape: 0, absent: 3 },
    wide: false,
  },
  {
    what: 'gaps between symbols',
    lengths: [0, 0, 2, 0, 2, 0, 0, 0, 0, 2, 3, 3],
    layout: { predictor: 1, shape: 1, absent: 1 },
    wide: false,
  },
  {
    what: 'arbitrary order, first length predicts',
    lengths: [3, 2, 4, 3, 2, 4, 3],
    layout: { predictor: 0, shape: 2, absent: 2 },
    wide: false,
  },
  {
    what: 'an absence comes first among the ranks',
    lengths: [2, 0, 2, 0, 2, 0, 2],
    layout: { predictor: 0, shape: 3, absent: 0 },
    wide: true,
  },
  {
    what: 'codes of up to 24 bits, falling lengths',
    lengths: [24, ...Array.from({ length: 24 }, (_, i) => 24 - i)],
    layout: { predictor: 1, shape: 2, absent: 3 },
    wide: false,
  },
  {
    what: 'symbols over 255',
    lengths: Object.assign(Array(1003).fill(0), { 300: 1, 700: 2, 1001: 3, 1002: 3 }),
    layout: { predictor: 1, shape: 1, absent: 0 },
    wide: true,
  },
];

const vectors = cases.map(({ what, lengths, layout, wide }) => {
  const used = lengths.flatMap((length, symbol) => (length > 0 ? [symbol] : []));
  // Symbols about as often as their codes expect: each of length l once in 2^l turns, and all of them once.
  const symbols = [...used];
  for (let turn = 1; turn <= 128; turn++) for (const s of used) if (turn % 2 ** lengths[s] === 0) symbols.push(s);
  return {
    what,
    wide,
    lengths: lengths.length > 100 ? undefined : lengths,
    layout,
    symbols,
    hex: stream(symbols, wide, table(lengths, layout), lengths),
  };
});
const lines = vectors.map((vector) => `    ${JSON.stringify(vector)}`).join(',\n');
writeFileSync(
  new URL('../test/vectors/streams.json', import.meta.url),
  `{\n  "madeBy": "scripts/make-vectors.mjs, an independent implementation of the format",\n  "vectors": [\n${lines}\n  ]\n}\n`,
);
