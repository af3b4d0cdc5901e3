/**
 * What Node answers, for the test of the page: `node answers.ts NETWORK [--make]` prints the five likeliest classes of a picture
 * that needs no file. With `--make` the network is first made, of generated weights as dense as the released ones.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { initialize, squeezenet } from '@pare/architectures';
import { run, seededRandom } from '@pare/core';
import { encodeModel } from '@pare/format';
import { adaptive } from '@pare/format/adaptive';
import { magnitudePrune } from '@pare/pruning';
import { shareWeights } from '@pare/quantization';
import { createRuntime } from '@pare/runtime';
import { picture } from './picture.ts';

const [file, make] = process.argv.slice(2);
if (file === undefined) throw new Error('answers: expected the path of a network');
if (make) {
  const random = seededRandom(1);
  const stages = [magnitudePrune({ keep: 0.33 }), shareWeights({ bits: 4 })];
  const model = await run(initialize(squeezenet(), random), stages, { random });
  writeFileSync(file, encodeModel(model, { coding: 'fast' }));
}
const logits = await createRuntime(readFileSync(file), { decoders: [adaptive] }).run(picture());
const indices = Array.from(logits, (_, index) => index).sort((a, b) => logits[b]! - logits[a]! || a - b);
process.stdout.write(JSON.stringify(indices.slice(0, 5).map((index) => ({ index, logit: logits[index] }))));
