// Prints how many places a second each decoder reads of a layer of 1024 × 4096 weights, a tenth kept, 32 shared values.
// node --conditions=@pare/source --import tsx packages/format/bench/decode-speed.ts
import { seededRandom } from '@pare/core';
import { adaptive, sharedAdaptive, sharedStreams, streams } from '../src/index.ts';
import { adaptiveWasm, streamsWasm } from '../src/wasm.ts';
import { sharedForm } from '../test/_models.ts';

const shape = [1024, 4096];
const form = sharedForm(seededRandom(1), shape, 0.1, 32);
for (const [name, encoder, decoder] of [
  ['JavaScript', sharedAdaptive, adaptive],
  ['WebAssembly', sharedAdaptive, adaptiveWasm],
  ['JavaScript', sharedStreams, streams],
  ['WebAssembly', sharedStreams, streamsWasm],
] as const) {
  const bytes = encoder.encode(form, shape);
  // Processor time, for the machine may be shared; the best of some, for the first ones compile.
  let user = Infinity; // µs
  for (let run = 0; run < 5; run++) {
    const start = process.cpuUsage();
    decoder.decode(bytes, shape);
    user = Math.min(user, process.cpuUsage(start).user);
  }
  console.log(
    `${decoder.id}, ${name}: ${bytes.length} bytes, ${((1024 * 4096) / user).toFixed(1)} million places a second`,
  );
}
