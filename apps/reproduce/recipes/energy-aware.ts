import { eyeriss } from '@pare/hardware';
import { type LenetStudy, lenetEnergy, type PrunedLenet } from '../src/costs/lenet-energy.ts';
import { generateDigits } from '../src/data/generated-digits.ts';
import { loadMnist } from '../src/data/mnist.ts';
import { type Chart, defineStudy, type StudyClaim, type Table } from '../src/study/study.ts';

const PAPER = 'Yang, Chen, Sze 2017, table 1';
const SETTINGS = {
  smoke: {
    training: 1000,
    heldBack: 200,
    calibration: 60,
    localDensities: [],
    epochs: 1,
    netAdapt: { target: 0.8, training: 200 },
    search: { maxRise: 0.05, roundRise: 0.1, rounds: 1, tries: 1 },
  },
  quick: {
    training: 20_000,
    heldBack: 2000,
    calibration: 3000,
    localDensities: [0.5, 0.3, 0.15],
    epochs: 8,
    netAdapt: { target: 0.2, training: 4000 },
    search: { maxRise: 0.008, roundRise: 0.02, rounds: 7, tries: 4 },
  },
  full: {
    training: 55_000,
    heldBack: 5000,
    calibration: 8000,
    localDensities: [0.5, 0.3, 0.15],
    epochs: 4,
    netAdapt: { target: 0.2, training: 10_000 },
    search: { maxRise: 0.008, roundRise: 0.02, rounds: 12, tries: 6 },
  },
} as const;

/** Pruning by energy against pruning by magnitude, on a real network, with the same of everything else. */
export default defineStudy({
  name: 'energy-aware',
  title: 'Energy-aware pruning of LeNet-5',
  source: 'Yang, Chen, Sze 2017, arXiv:1611.05128; HARDWARE: row-stationary, 16 bit, default gating, batch 1',
  async run({ mode, random, signal, report, folder, resume }) {
    const { epochs, ...settings } = SETTINGS[mode];
    const data = mode === 'smoke' ? generateDigits({ train: 2000, test: 500 }) : await loadMnist({ signal });
    const study = await lenetEnergy(data, {
      ...settings,
      random,
      signal,
      report,
      folder,
      resume,
      fineTune: { epochs, batchSize: 128, learningRate: 1e-3, distill: 0.5, keepBest: true },
    });
    return {
      data: { source: data.source, note: data.note, sha256: data.sha256 },
      claims: claimsOf(study),
      tables: [...networkTables(study), roundsTable(study), localTable(study)],
      charts: chartsOf(study),
      notes: [
        'Both ways start from the same weights and have the same examples, the same search for what each layer keeps, the same training after each round and the same bound on the held-back error; they differ in which weights of a layer stay and in whether the rest is refitted.',
        'Energy is that of one image at batch 1, 16 bit, default gating; densities of activations are measured on training images, again for each pruned network.',
        'The held-back images decide; the test images are looked at once, for the two final networks and the dense one.',
        'The dense network was trained on all 60,000 training images, those held back included, which is why it errs on so few of them: a rise of its held-back error holds what it had learned by heart, and is more than the rise on test images.',
        'A filter in which what is restored would be worse than the choice of magnitude, once both are refitted, takes the latter; so no filter is worse where it was fitted.',
        'NetAdapt takes whole filters, and comes down to a set share of the energy: a budget, not a bound of the error.',
        'At batch 1 LeNet-5 spends most of its energy on reading the weights of ip1 from DRAM, which any pruning takes off: that is why the two come nearer to each other than on networks of convolutions.',
        ...localNote(study),
        'SqueezeNet, where convolutions take the energy, has a recipe of its own: energy-aware-squeezenet.',
      ],
    };
  },
});

const of = ({ pruned }: LenetStudy, method: string): PrunedLenet => pruned.find((each) => each.method === method)!;
const units = (pJ: number): number => pJ / eyeriss().unit!.picojoules;

function claimsOf(study: LenetStudy): StudyClaim[] {
  const { dense, local } = study;
  const [ours, magnitude] = [of(study, 'energy-aware'), of(study, 'magnitude')];
  const worst = (ratio: (row: LenetStudy['local'][number]) => number): number | null =>
    local.length > 0 ? Math.max(...local.map(ratio)) : null;
  const claim = (
    what: string,
    bound: StudyClaim['bound'],
    measured: number | null,
    rest: Partial<StudyClaim> = {},
  ): StudyClaim => ({
    what,
    unit: '%',
    published: null,
    source: PAPER,
    bound,
    measured,
    ...rest,
  });
  return [
    claim('energy less than the dense network', { atLeast: 0.4 }, 1 - ours.cost.energyPj / dense.cost.energyPj, {
      published: 0.73,
      source: `${PAPER}: AlexNet, 3.7x`,
      goal: { atLeast: 0.7 },
    }),
    claim('points of test accuracy lost for it', { atMost: 0.01 }, ours.testError - dense.testError),
    claim(
      'energy less than magnitude pruning, both within the same bound on held-back images',
      { atLeast: 0 },
      1 - ours.cost.energyPj / magnitude.cost.energyPj,
      {
        published: 0.43,
        source: `${PAPER}: AlexNet, 1.74x`,
      },
    ),
    claim(
      'output error of a layer, restored and refitted, of that of magnitude: largest ratio',
      { atMost: 0.65 },
      worst((row) => row.restoredRefitted / row.magnitude),
      { source: 'our own bound' },
    ),
    claim(
      'of that of magnitude refitted: largest ratio',
      { atMost: 1.02 },
      worst((row) => row.restoredRefitted / row.magnitudeRefitted),
      { source: 'our own bound' },
    ),
    claim(
      'the same at densities of at most 0.3: geometric mean of the ratios, not each of them',
      { atMost: SPARSE.mean },
      meanRatio(sparseRows(study)),
      { source: 'our own bound' },
    ),
  ];
}

/** What restoring adds to refitting is asked for where little is kept, and in the mean. */
const SPARSE = { density: 0.3, mean: 0.9 } as const;

const sparseRows = ({ local }: LenetStudy): LenetStudy['local'] =>
  local.filter(({ density }) => density <= SPARSE.density);

const ratioOf = ({ restoredRefitted, magnitudeRefitted }: LenetStudy['local'][number]): number =>
  restoredRefitted / magnitudeRefitted;

const meanRatio = (rows: LenetStudy['local']): number | null =>
  rows.length > 0 ? Math.exp(rows.reduce((sum, row) => sum + Math.log(ratioOf(row)), 0) / rows.length) : null;

/** Says of the bound which holds in the mean alone where it does not hold. */
function localNote(study: LenetStudy): string[] {
  const rows = sparseRows(study);
  if (rows.length === 0) return [];
  const above = rows.filter((row) => ratioOf(row) > SPARSE.mean);
  const listed = above.map((row) => `${row.layer} at ${row.density}: ${ratioOf(row).toFixed(2)}`).join(', ');
  return [
    `Of what magnitude, refitted, leaves of a layer’s output error, restoring leaves at most ${SPARSE.mean} in the geometric mean over layers and densities of at most ${SPARSE.density} (${meanRatio(rows)!.toFixed(2)}). That bound is one of the mean: ${above.length} of ${rows.length} are above it${above.length > 0 ? ` (${listed})` : ''}.`,
  ];
}

function networkTables(study: LenetStudy): Table[] {
  const { dense, pruned } = study;
  const all = [{ method: 'dense', ...dense }, ...pruned];
  const layers = dense.cost.layers.map(({ name }) => name);
  return [
    {
      title: 'Networks',
      note: '10⁶ multiply-accumulates of 16 bits an image',
      columns: ['network', 'energy', 'of dense, %', 'µs', 'DRAM, kB', 'held-back error, %', 'test error, %'],
      rows: all.map(({ method, cost, heldBackError, testError }) => [
        method,
        units(cost.energyPj) / 1e6,
        (100 * cost.energyPj) / dense.cost.energyPj,
        cost.latencyUs,
        cost.dramBytes / 1000,
        100 * heldBackError,
        100 * testError,
      ]),
    },
    {
      title: 'Layer by layer',
      note: 'share of weights kept, and energy in 10⁶ multiply-accumulates',
      columns: ['layer', ...all.flatMap(({ method }) => [`${method}: kept`, 'energy'])],
      rows: layers.map((layer, i) => [
        layer,
        ...all.flatMap(({ densities, cost }) => [densities[layer]!, units(cost.layers[i]!.cost.energyPj) / 1e6]),
      ]),
    },
  ];
}

const roundsTable = ({ pruned }: LenetStudy): Table => ({
  title: 'Round by round',
  note: 'after training; energy as a share of the dense network’s',
  columns: ['method', 'round', 'energy', 'held-back error', 'within the bound'],
  rows: pruned.flatMap(({ method, rounds }) =>
    rounds.map(({ round, share, error, accepted }) => [method, round, share, error, accepted ? 'yes' : 'no']),
  ),
});

const localTable = ({ local }: LenetStudy): Table => ({
  title: 'What a pruned layer’s outputs miss, on real activations',
  note: 'share of their squares, on images that nothing was fitted to; every filter keeps the same share',
  columns: ['layer', 'density', 'magnitude', 'magnitude, refitted', 'restored', 'restored, refitted'],
  rows: local.map((row) => [
    row.layer,
    row.density,
    row.magnitude,
    row.magnitudeRefitted,
    row.restored,
    row.restoredRefitted,
  ]),
});

function chartsOf({ dense, pruned }: LenetStudy): Chart[] {
  return [
    {
      kind: 'lines',
      title: 'Error against energy, round by round',
      x: 'energy, % of dense',
      y: 'held-back error, %',
      series: pruned
        .filter(({ rounds }) => rounds.length > 0)
        .map(({ method, rounds }) => ({
          name: method,
          points: [
            [100, 100 * dense.heldBackError],
            ...rounds.map(({ share, error }) => [100 * share, 100 * error] as const),
          ],
        })),
    },
    {
      kind: 'stack',
      title: 'Energy of an image, by layer',
      unit: '10⁶ multiply-accumulates',
      rows: [{ method: 'dense', ...dense }, ...pruned].map(({ method, cost }) => ({
        name: method,
        parts: Object.fromEntries(cost.layers.map(({ name, cost: layer }) => [name, units(layer.energyPj) / 1e6])),
      })),
    },
    {
      kind: 'stack',
      title: 'Energy of an image, by what it is spent for',
      unit: '10⁶ multiply-accumulates',
      rows: [{ method: 'dense', ...dense }, ...pruned].map(({ method, cost }) => ({
        name: method,
        parts: Object.fromEntries(Object.entries(cost.byData).map(([kind, pJ]) => [kind, units(pJ) / 1e6])),
      })),
    },
  ];
}
