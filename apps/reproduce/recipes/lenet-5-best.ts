import { lenet5 } from '@pare/architectures';
import { biases, chain, repeat, retrain, type Stage } from '@pare/core';
import { fisherPrune, polynomialSchedule, removeDeadNeurons } from '@pare/pruning';
import { shareWeights } from '@pare/quantization';
import { epochs, rounds } from '../src/budget.ts';
import { defineRecipe, type Mode } from '../src/recipe.ts';

const HAVASI = 'Havasi, Peharz, Hernández-Lobato 2019 (MIRACLE), quoted from memory';

/**
 * As small as we can make it at no more than the published error: as `lenet-300-100-best`, at two densities. The smaller
 * file is taken if the held-back digits allow it.
 */
export default defineRecipe({
  name: 'lenet-5-best',
  title: 'LeNet-5, our best recipe',
  source: `${HAVASI}: 555x at 0.69 % error`,
  layers: lenet5,
  phases: (mode) => [
    { name: 'dense', stages: [retrain({ epochs: epochs(mode, 6, 16), batchSize: 128, augment: true })] },
    {
      name: 'pruned',
      stages: pruneTo(0.01, { from: 0.06, rounds: rounds(mode, 6, 14), fine: epochs(mode, 6, 30) }, mode),
    },
    { name: 'shared', stages: share(mode) },
    {
      name: 'pruned further',
      from: 'pruned',
      stages: pruneTo(0.0066, { from: 0.01, rounds: rounds(mode, 3, 5), fine: epochs(mode, 8, 40) }, mode),
    },
    { name: 'shared further', stages: share(mode) },
  ],
  final: { among: ['shared', 'shared further'], heldBackRiseAtMost: 0.002 },
  encode: { codebooks: 'float16' },
  claims: [
    { what: 'compression', published: 555, bound: { atLeast: 200 }, goal: { atLeast: 500 }, source: HAVASI },
    { what: 'top-1 error', published: 0.0069, bound: { atMost: 0.008 }, source: HAVASI },
  ],
});

// What little is left has no room for digits more distorted than people write them: half the usual strength.
const learning = (mode: Mode) =>
  ({ batchSize: 128, augment: mode === 'full' ? 8 : 4, distortion: 0.5, distill: 0.7, learningRate: 1e-3 }) as const;

interface Pruning {
  readonly from: number;
  readonly rounds: number;
  /** Epochs after the last round. */
  readonly fine: number;
}

function pruneTo(to: number, { from, rounds: total, fine }: Pruning, mode: Mode): Stage[] {
  const keep = polynomialSchedule({ from, to, rounds: total });
  return [
    repeat(total, (round) =>
      chain(
        fisherPrune({ keep: keep(round) }),
        retrain({ ...learning(mode), epochs: epochs(mode, 1, 2), schedule: 'constant' }),
      ),
    ),
    fisherPrune({ keep: 0.6, select: biases }),
    removeDeadNeurons(),
    retrain({ ...learning(mode), epochs: fine }),
  ];
}

/** The convolutions and the last layer first: the large layer between them then makes up for what they lose. */
function share(mode: Mode): Stage[] {
  const slowly = { ...learning(mode), learningRate: 3e-4 };
  return [
    shareWeights({ bits: { byName: { conv1: 4, conv2: 4, ip2: 4 } }, method: 'optimal' }),
    retrain({ ...slowly, epochs: epochs(mode, 1, 3), schedule: 'constant' }),
    shareWeights({ bits: { byName: { ip1: 4 } }, method: 'optimal' }),
    shareWeights({ bits: 4, method: 'optimal', weights: biases }),
    retrain({ ...slowly, epochs: epochs(mode, 2, 8) }),
  ];
}
