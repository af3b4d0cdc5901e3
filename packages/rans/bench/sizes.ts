// Prints what streams take beside their entropy, and beside Huffman codes without a table.
// Run: node --conditions=@pare/source --import tsx packages/rans/bench/sizes.ts

import { encodeRans } from '../src/encode.ts';
import { planTable } from '../src/plan-table.ts';
import { tableBits } from '../src/write-table.ts';
import { samples } from './_samples.ts';

const counts = process.argv.slice(2).map(Number);

const rows = samples.flatMap(({ what, alphabetSize, draw }) =>
  (counts.length > 0 ? counts : [50, 300, 1000, 5000, 50_000, 1_000_000]).map((count) => {
    const symbols = draw(count);
    const histogram = new Uint32Array(alphabetSize);
    for (const symbol of symbols) histogram[symbol]!++;
    const entropy = histogram.reduce((bits, n) => (n > 0 ? bits - n * Math.log2(n / count) : bits), 0) / 8;
    const { table, size } = planTable(histogram)!;
    const began = performance.now();
    for (let i = 0; i < 3; i++) planTable(histogram)!;
    const ms = (performance.now() - began) / 3;
    const bytes = encodeRans(symbols, alphabetSize).length;
    return {
      what: `${what}, ${alphabetSize}`,
      count,
      entropy: Math.round(entropy),
      'table, B': Math.ceil(tableBits(table) / 8),
      'encodeRans, B': bytes,
      over: Math.round(bytes - entropy),
      'over, %': Math.round((bytes / entropy - 1) * 10000) / 100,
      'expected, B': size,
      settings: `n${table.precision} f${table.fineness} o${table.order} r${table.rawBits} s${table.states} k${table.knots.length}`,
      'plan, ms': Math.round(ms * 100) / 100,
    };
  }),
);
console.table(rows);
