/**
 * Writes the file that the page decodes, a pruned and shared LeNet-300-100, and prints what is in it; and the same network for the
 * Vite plugin to compress. Runs in Node.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { initialize, lenet300 } from '@pare/architectures';
import { run, seededRandom } from '@pare/core';
import { encodeModel } from '@pare/format';
import { decodeModel } from '@pare/format/decode';
import { safetensorsExporter } from '@pare/interop';
import { magnitudePrune } from '@pare/pruning';
import { shareWeights } from '@pare/quantization';
import { summarize } from './summary.js';

const random = seededRandom(1);
const dense = initialize(lenet300(), random.fork('weights'));
const stages = [magnitudePrune({ keep: 0.1 }), shareWeights({ bits: 5 })];
const model = await run(dense, stages, { random });
const bytes = encodeModel(model, { coding: 'fast' }); // what `@pare/format/decode` reads by itself

mkdirSync('public', { recursive: true });
writeFileSync('public/model.pare', bytes);
const { files } = await safetensorsExporter.write(model, 'plain');
for (const [name, content] of files) writeFileSync(name, content);
console.log(JSON.stringify(summarize(decodeModel(bytes))));
