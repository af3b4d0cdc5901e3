// Prints how many places a second each decoder reads of a layer of 1024 × 4096 weights, a tenth kept, 32 shared values.
// node --conditions=@pare/source --import tsx packages/format/bench/decode-speed.ts
import { seededRandom } from '@pare/core';
import { adaptive, sharedAdaptive, sharedStreams, streams } from '../src/index.ts';
import { sharedForm } from '../test/_models.ts';

const shape = [1024, 4096];
const form = sharedForm(seededRandom(1), shape, 0.1, 32);
for (const [encoder, decoder] of [
  [sharedAdaptive, adaptive],
  [sharedStreams, streams],
] as const) {
  const bytes = encoder.encode(form, shape);
  // Processor time, for the machine may be shared; the second run, for the first one compiles.
  decoder.decode(bytes, shape);
  const start = process.cpuUsage();
  decoder.decode(bytes, shape);
  const { user } = process.cpuUsage(start); // µs
  console.log(`${decoder.id}: ${bytes.length} bytes, ${((1024 * 4096) / user).toFixed(1)} million places a second`);
}
