/** Writes the file that the page decodes, a pruned and shared LeNet-300-100, and prints what is in it. Runs in Node. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { initialize, lenet300 } from '@pare/architectures';
import { run, seededRandom } from '@pare/core';
import { encodeModel } from '@pare/format';
import { decodeModel } from '@pare/format/decode';
import { magnitudePrune } from '@pare/pruning';
import { shareWeights } from '@pare/quantization';
import { summarize } from './summary.js';

const random = seededRandom(1);
const dense = initialize(lenet300(), random.fork('weights'));
const stages = [magnitudePrune({ keep: 0.1 }), shareWeights({ bits: 5 })];
const bytes = encodeModel(await run(dense, stages, { random }));

mkdirSync('public', { recursive: true });
writeFileSync('public/model.pare', bytes);
console.log(JSON.stringify(summarize(decodeModel(bytes))));
