import { lenet5 } from '@pare/architectures';
import { biases, chain, repeat, retrain } from '@pare/core';
import { fisherPrune, polynomialSchedule, removeDeadNeurons } from '@pare/pruning';
import { shareWeights } from '@pare/quantization';
import { epochs, rounds } from '../src/budget.ts';
import { defineRecipe } from '../src/recipe.ts';

const KEEP = 0.0065;

/** As `lenet-300-100-best`, for LeNet-5. */
export default defineRecipe({
  name: 'lenet-5-best',
  title: 'LeNet-5, our best recipe',
  source: 'Havasi, Peharz, Hernández-Lobato 2019 (MIRACLE): 555x at 0.69 % error',
  layers: lenet5,
  phases: (mode) => {
    const learning = { batchSize: 128, augment: mode === 'full' ? 16 : 4, distill: 0.7 };
    const total = rounds(mode, 8, 16);
    const keep = polynomialSchedule({ from: 0.06, to: KEEP, rounds: total });
    return [
      { name: 'dense', stages: [retrain({ epochs: epochs(mode, 6, 20), batchSize: 128, augment: true })] },
      {
        name: 'pruned',
        stages: [
          repeat(total, (round) =>
            chain(
              fisherPrune({ keep: keep(round) }),
              retrain({ ...learning, epochs: epochs(mode, 1, 2), schedule: 'constant' }),
            ),
          ),
          removeDeadNeurons(),
          retrain({ ...learning, epochs: epochs(mode, 10, 40) }),
        ],
      },
      {
        name: 'shared',
        stages: [
          shareWeights({ bits: 4, method: 'optimal' }),
          shareWeights({ bits: 4, method: 'optimal', weights: biases }),
          retrain({ ...learning, epochs: epochs(mode, 3, 10), learningRate: 2e-4 }),
        ],
      },
    ];
  },
  encode: {},
  claims: [
    {
      what: 'compression',
      published: 555,
      bound: { atLeast: 200 },
      goal: { atLeast: 500 },
      source: 'Havasi et al. 2019, from memory',
    },
    {
      what: 'top-1 error',
      after: 'shared',
      published: 0.0069,
      bound: { atMost: 0.008 },
      source: 'Havasi et al. 2019, from memory',
    },
  ],
});
