import { eyeriss } from '@pare/hardware';
import {
  METHODS,
  type Method,
  type PrunedSqueezenet,
  type SqueezenetSettings,
  type SqueezenetStudy,
  squeezenetEnergy,
} from '../src/costs/squeezenet-energy.ts';
import { findMaterial, smallMaterial } from '../src/ladder/material.ts';
import type { Mode } from '../src/recipe.ts';
import { type Chart, defineStudy, type StudyClaim, type Table } from '../src/study/study.ts';

const PAPER = 'Yang, Chen, Sze 2017, table 1: SqueezeNet';

type Settings = Pick<SqueezenetSettings, 'divergences' | 'tries' | 'counted' | 'training'>;

const HEALING = {
  batchSize: 16,
  distill: 1,
  temperature: 1,
  augment: true,
  learningRate: 3e-5,
  keepBest: true,
} as const;

/** Nats by which answers to held-back images may move; the first is what is claimed of. Set before anything was judged. */
const SETTINGS: Readonly<Record<Mode, Settings>> = {
  smoke: {
    divergences: [0.02],
    tries: 2,
    counted: 4,
    training: { fineTune: { ...HEALING, epochs: 1 }, from: { 'energy-aware': 0.02, magnitude: 0.02 } },
  },
  quick: { divergences: [0.02, 0.05], tries: 5, counted: 64 },
  // One epoch takes two fifths off the divergence of magnitude pruning, where nothing has made up for what went, and a tenth off that of ours (both
  // on held-back images): from these two they come to about the same.
  full: {
    divergences: [0.02, 0.05],
    tries: 5,
    counted: 64,
    training: { fineTune: { ...HEALING, epochs: 1 }, from: { 'energy-aware': 0.044, magnitude: 0.08 } },
  },
};

/** Pruning by energy against pruning by magnitude, on a network of convolutions, with the same of everything else. */
export default defineStudy({
  name: 'energy-aware-squeezenet',
  title: 'Energy-aware pruning of SqueezeNet v1.0',
  source: 'Yang, Chen, Sze 2017, arXiv:1611.05128; HARDWARE: row-stationary, 16 bit, default gating, batch 48',
  async run({ mode, random, signal, report, folder, resume }) {
    const material = mode === 'smoke' ? smallMaterial() : findMaterial();
    const study = await squeezenetEnergy(material, { ...SETTINGS[mode], random, signal, report, folder, resume });
    const { counts } = study;
    return {
      data: { source: material.source, note: material.note, sha256: material.sha256 },
      claims: claimsOf(study, SETTINGS[mode].divergences[0]!),
      tables: [networksTable(study), layersTable(study, SETTINGS[mode].divergences[0]!), attemptsTable(study)],
      charts: chartsOf(study),
      notes: [
        `All ways start from the same weights, learn from the same ${counts.calibration} images and have the same search: one price of energy for all layers, each taking the density at which it does best, and the price at which answers to ${counts.heldBack} held-back images move by what is allowed. They differ in which weights of a layer go and in whether the rest makes up for them.`,
        `The ${counts.judges} images that judge were looked at once for each network of the table, when nothing was left to choose.`,
        'Energy is that of 48 images at once, 16 bit, default gating; densities of activations are measured anew for each pruned network.',
        'Divergence is what is held equal, since top-1 of so few images is coarse: a network that loses half a point of 700 images may by chance show a point more or less.',
      ],
    };
  },
});

const find = ({ pruned }: SqueezenetStudy, method: Method, allowed: number): PrunedSqueezenet =>
  pruned.find((each) => each.method === method && each.allowed === allowed && !each.trained)!;
const titleOf = ({ method, allowed, trained }: PrunedSqueezenet): string =>
  `${method}, ${allowed} nats${trained ? ', trained' : ''}`;

function claimsOf(study: SqueezenetStudy, allowed: number): StudyClaim[] {
  const [ours, magnitude, madeUp] = (['energy-aware', 'magnitude', 'magnitude, made up for'] as const).map((method) =>
    find(study, method, allowed),
  ) as [PrunedSqueezenet, PrunedSqueezenet, PrunedSqueezenet];
  const less = (a: { energyPj: number }, b: { energyPj: number }): number => 1 - a.energyPj / b.energyPj;
  const claim = (
    what: string,
    bound: StudyClaim['bound'],
    measured: number | null,
    rest: Partial<StudyClaim> = {},
  ) => ({
    ...{ what, unit: '%', published: null, source: PAPER, bound, measured },
    ...rest,
  });
  return [
    claim(
      'energy less than magnitude pruning, answers moved alike',
      { atLeast: 0.13 },
      less(ours.cost, magnitude.cost),
      {
        published: 1 - 3.99 / 4.61,
        goal: { atLeast: 0.3 },
      },
    ),
    claim('points of top-1 lost for it', { atMost: 0.01 }, ours.judges.accuracy?.drop.value ?? null),
    claim(
      'points of top-1 that magnitude pruning loses',
      { atMost: 0.01 },
      magnitude.judges.accuracy?.drop.value ?? null,
    ),
    claim('energy less than the dense network', { atLeast: 0.24 }, less(ours.cost, study.dense), {
      published: 1 - 3.99 / 5.28,
    }),
    claim(
      'energy less than magnitude pruning whose rest makes up for what has gone',
      { atLeast: 0 },
      less(ours.cost, madeUp.cost),
      { source: 'our own bound' },
    ),
    ...trainedClaims(study, claim),
  ];
}

/** Of networks that were trained: ours has to be no further from the dense network's answers than the other. */
function trainedClaims(study: SqueezenetStudy, claim: (...about: ClaimParts) => StudyClaim): StudyClaim[] {
  const trained = (method: Method) => study.pruned.find((each) => each.trained && each.method === method);
  const [ours, magnitude] = [trained('energy-aware'), trained('magnitude')];
  if (!ours || !magnitude) return [];
  return [
    claim(
      'energy less than magnitude pruning, both trained',
      { atLeast: 0.13 },
      1 - ours.cost.energyPj / magnitude.cost.energyPj,
      { published: 1 - 3.99 / 4.61, goal: { atLeast: 0.3 } },
    ),
    claim(
      'how much further ours is then from the answers of the dense network, on held-back images',
      { atMost: 0 },
      ours.heldBack.divergence / magnitude.heldBack.divergence - 1,
      { source: 'what makes it a comparison' },
    ),
    claim('points of top-1 lost for it, trained', { atMost: 0.01 }, ours.judges.accuracy?.drop.value ?? null),
  ];
}

type ClaimParts = readonly [
  what: string,
  bound: StudyClaim['bound'],
  measured: number | null,
  rest?: Partial<StudyClaim>,
];

function networksTable({ dense, pruned }: SqueezenetStudy): Table {
  const percent = (share: number): number => 100 * share;
  return {
    title: 'Networks',
    note: 'energy an image in 10⁶ multiply-accumulates of 16 bits; KL in nats; points of top-1 lost with the ends of their 95 % interval, paired',
    columns: [
      'network',
      'energy',
      'of dense, %',
      'held back: KL',
      'points lost',
      'judges: KL',
      'same answers, %',
      'points lost',
      'from',
      'to',
    ],
    rows: [
      ['dense', units(dense.energyPj), 100, 0, 0, 0, 100, 0, null, null],
      ...pruned.map(({ cost, heldBack, judges, ...rest }): Table['rows'][number] => {
        const drop = judges.accuracy?.drop;
        return [
          titleOf({ cost, heldBack, judges, ...rest }),
          units(cost.energyPj),
          percent(cost.energyPj / dense.energyPj),
          heldBack.divergence,
          heldBack.accuracy ? percent(heldBack.accuracy.drop.value) : null,
          judges.divergence,
          percent(judges.agreement),
          ...(drop ? [percent(drop.value), percent(drop.low), percent(drop.high)] : [null, null, null]),
        ];
      }),
    ],
  };
}

/** In millions of multiply-accumulates, of one image. */
const units = (pJ: number): number => pJ / eyeriss().unit!.picojoules / 48 / 1e6;

function layersTable(study: SqueezenetStudy, allowed: number): Table {
  const { dense } = study;
  const shown = (Object.keys(METHODS) as Method[]).map((method) => find(study, method, allowed));
  return {
    title: 'Layer by layer',
    note: `share of weights kept, and energy in 10⁶ multiply-accumulates, where answers may move by ${allowed} nats`,
    columns: ['layer', 'dense: energy', ...shown.flatMap(({ method }) => [`${method}: kept`, 'energy'])],
    rows: dense.layers.map(({ name, cost }, i) => [
      name,
      units(cost.energyPj),
      ...shown.flatMap((each) => [each.densities[name]!, units(each.cost.layers[i]!.cost.energyPj)]),
    ]),
  };
}

const attemptsTable = ({ attempts }: SqueezenetStudy): Table => ({
  title: 'What was tried on the way',
  note: 'energy as a share of the dense network’s, its activations as they were; KL on held-back images',
  columns: ['method', 'energy', 'KL'],
  rows: attempts.map(({ method, share, divergence }) => [method, share, divergence]),
});

function chartsOf({ dense, pruned, attempts }: SqueezenetStudy): Chart[] {
  const bars = [{ name: 'dense', cost: dense }, ...pruned.map((each) => ({ name: titleOf(each), cost: each.cost }))];
  return [
    {
      kind: 'lines',
      title: 'How far answers move, by what energy is left',
      x: 'energy, % of dense',
      y: 'KL on held-back images, nats',
      series: (Object.keys(METHODS) as Method[]).map((method) => ({
        name: method,
        points: attempts
          .filter((each) => each.method === method)
          .map(({ share, divergence }) => [100 * share, divergence] as const)
          .sort(([a], [b]) => a - b),
      })),
    },
    {
      kind: 'stack',
      title: 'Energy of an image, by what it is spent for',
      unit: '10⁶ multiply-accumulates',
      rows: bars.map(({ name, cost }) => ({
        name,
        parts: Object.fromEntries(Object.entries(cost.byData).map(([kind, pJ]) => [kind, units(pJ)])),
      })),
    },
    {
      kind: 'stack',
      title: 'Energy of an image, by layer',
      unit: '10⁶ multiply-accumulates',
      rows: bars.map(({ name, cost }) => ({
        name,
        parts: Object.fromEntries(cost.layers.map(({ name: layer, cost: own }) => [layer, units(own.energyPj)])),
      })),
    },
  ];
}
