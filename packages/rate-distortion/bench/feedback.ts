// Seconds of processor time that error feedback takes on a kernel [K, D], in JavaScript and in WebAssembly. Run:
//   node --conditions=@pare/source --import tsx packages/rate-distortion/bench/feedback.ts 256 576 [wasm]
import { seededRandom } from '@pare/core';
import { BLOCK, type FeedbackWorkspace, plainWorkspace } from '../src/feedback-workspace.ts';
import { feedbackPlan } from '../src/index.ts';
import { wasmWorkspace } from '../src/wasm-workspace.ts';

const [rows = 256, columns = 576] = process.argv.slice(2, 4).map(Number);
const both = process.argv[4] !== 'wasm';

function timed<T>(what: string, run: () => T): T {
  const before = process.cpuUsage();
  const result = run();
  const { user, system } = process.cpuUsage(before);
  const memory = (process.resourceUsage().maxRSS / 1024).toFixed(0);
  console.log(`${what.padEnd(40)} ${((user + system) / 1e6).toFixed(3)} s, at most ${memory} MB so far`);
  return result;
}

const matrix = new Float32Array(columns * columns);
for (let i = 0, at = 0; i < columns; i++) {
  for (let j = 0; j < columns; j++, at++) matrix[at] = i === j ? 1.5 : 0.3 * Math.cos((i - j) * 0.01);
}

function loops(name: string, { size, width, factors, w, invert, feedBlock, feedColumn }: FeedbackWorkspace): void {
  for (let i = 0; i < size; i++) {
    factors[0]![i * size + i] = 1;
    if (i < columns) factors[0]!.set(matrix.subarray(i * columns, (i + 1) * columns), i * size);
  }
  timed(`${name}: inverse factor`, () => invert(0));
  w.fill(0.01, 0, columns * width);
  timed(`${name}: errors fed back, a pass`, () => {
    for (let first = 0; first < columns; first += BLOCK) {
      feedBlock(0, first);
      for (let j = first; j < Math.min(columns, first + BLOCK); j++) feedColumn(0, first, j);
    }
  });
}
if (both) loops('JavaScript', plainWorkspace(1, columns, rows));
loops('WebAssembly', wasmWorkspace(1, columns, rows)!);

const random = seededRandom(1);
const values = Float32Array.from({ length: rows * columns }, () => 0.05 * random.normal());
const curvature = { matrix, importance: new Float32Array(rows).fill(1), groups: 1 };
const plan = timed('feedbackPlan', () => feedbackPlan(values, curvature));
for (const trellis of both ? [false, true] : [true]) {
  if (both) plan.quantize(1e-4, { trellis }); // once to warm up
  timed(`quantize, ${trellis ? 'trellis' : 'lattice'}`, () => plan.quantize(1e-4, { trellis }));
}
