import { lenet300 } from '@pare/architectures';
import { biases, chain, repeat, retrain } from '@pare/core';
import { fisherPrune, polynomialSchedule, removeDeadNeurons } from '@pare/pruning';
import { shareWeights } from '@pare/quantization';
import { epochs, rounds } from '../src/budget.ts';
import { defineRecipe } from '../src/recipe.ts';

const KEEP = 0.026;

/**
 * As small as we can make it without losing accuracy: connections are ranked by Fisher information over all layers, what is
 * left follows the dense net's answers on distorted digits, four-bit codebooks, adaptive arithmetic coding.
 */
export default defineRecipe({
  name: 'lenet-300-100-best',
  title: 'LeNet-300-100, our best recipe',
  source: 'Han, Mao, Dally 2016, table 1: 40x at no loss is the strongest published',
  layers: lenet300,
  phases: (mode) => {
    const learning = { batchSize: 128, augment: mode === 'full' ? 32 : 8, distill: 0.7 };
    const total = rounds(mode, 10, 20);
    const keep = polynomialSchedule({ from: 0.3, to: KEEP, rounds: total });
    return [
      { name: 'dense', stages: [retrain({ epochs: epochs(mode, 15, 60), batchSize: 128, augment: true })] },
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
          retrain({ ...learning, epochs: epochs(mode, 20, 60) }),
        ],
      },
      {
        name: 'shared',
        stages: [
          shareWeights({ bits: 4, method: 'optimal' }),
          shareWeights({ bits: 4, method: 'optimal', weights: biases }),
          retrain({ ...learning, epochs: epochs(mode, 4, 10), learningRate: 2e-4 }),
        ],
      },
    ];
  },
  encode: {},
  claims: [
    {
      what: 'compression',
      published: 40,
      bound: { atLeast: 80 },
      goal: { atLeast: 150 },
      source: 'Han, Mao, Dally 2016, table 1',
    },
    {
      what: 'top-1 error',
      after: 'shared',
      published: 0.0158,
      bound: { atMost: 0.0164 },
      source: 'Han, Mao, Dally 2016, table 1',
    },
  ],
});
