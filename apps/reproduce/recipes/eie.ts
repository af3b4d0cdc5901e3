import { cpu, drawnColumns, gpu, mgpu, simulateEie } from '@pare/hardware';
import { EIE_BENCHMARKS, EIE_FIGURE_6, EIE_FIGURE_7, EIE_MEANS, EIE_WATTS } from '@pare/hardware/published';
import { explained } from '../src/costs/eie-explained.ts';
import { DEVICES, energyRatio, publishedSpeedup, timesOf } from '../src/costs/eie-means.ts';
import { compressedNetworks, realAlexnetLayers } from '../src/costs/eie-networks.ts';
import { realTable } from '../src/costs/eie-real-table.ts';
import {
  errorOf,
  geometricMean,
  mean,
  meanOf,
  POWERS,
  type Simulated,
  simulate,
  sweepDepths,
  sweepElements,
} from '../src/costs/eie-runs.ts';
import { ladderTables } from '../src/costs/ladder-tables.ts';
import { findDataFolder } from '../src/data/data-folder.ts';
import { type Chart, defineStudy, type StudyClaim, type Table } from '../src/study/study.ts';

const PAPER = 'Han et al. 2016 (EIE)';
const SEEDS = 3;

/** The accelerator for compressed networks: nine layers, its design space, its comparison with other machines, and real matrices. */
export default defineStudy({
  name: 'eie',
  title: 'EIE, to the cycle',
  source: 'Han et al. 2016, EIE: efficient inference engine on compressed deep neural network, arXiv:1602.01528',
  async run({ mode, seed, report, signal }) {
    const smoke = mode === 'smoke';
    const layers = smoke ? EIE_BENCHMARKS.filter(({ name }) => name === 'VGG-8' || name === 'NT-We') : EIE_BENCHMARKS;
    const folder = smoke ? undefined : findDataFolder();
    const seeds = Array.from({ length: smoke ? 1 : SEEDS }, (_, i) => seed + i);
    const simulated = layers.map((layer, i) => {
      report(layer.name, (0.4 * i) / layers.length);
      return simulate(layer, seeds);
    });
    signal.throwIfAborted();
    const depths = simulated.map(({ layer, columns }) => sweepDepths(layer, columns));
    const sizes = layers.map((layer, i) => {
      report(`${layer.name}, elements`, 0.4 + (0.3 * i) / layers.length);
      return sweepElements(layer, simulated[i]!.columns, seed);
    });
    signal.throwIfAborted();
    report('real networks', 0.8);
    const real = folder ? realAlexnetLayers(folder, seed) : [];
    const networks = folder ? await compressedNetworks(folder) : [];
    const started = performance.now();
    const largest = layers.find(({ name }) => name === 'VGG-6') ?? layers[0]!;
    simulateEie(drawnColumns({ ...largest, seed }));
    const seconds = (performance.now() - started) / 1000;

    const alex7 = simulated.find(({ layer }) => layer.name === 'Alex-7');
    return {
      data: folder
        ? {
            source: 'real',
            note: `real layers and networks, from ${folder.origin}; benchmark layers drawn by their densities`,
            sha256: {},
          }
        : {
            source: 'generated',
            note: smoke ? 'two layers, drawn' : 'no data folder: benchmark layers drawn, no real ones',
            sha256: {},
          },
      claims: [
        ...timeClaims(simulated),
        ...meanClaims(),
        {
          what: 'balance at a FIFO depth of 8, of that at 256, mean',
          unit: '%',
          published: null,
          source: `${PAPER}, figure 8: gains shrink beyond 8`,
          bound: { atLeast: 0.94 },
          measured: mean(depths.map(({ balance }) => balance[3]! / balance.at(-1)!)),
        },
        {
          what: 'simulating VGG-6',
          unit: 's',
          published: null,
          source: 'our own bound',
          bound: { atMost: 2 },
          measured: seconds,
        },
      ],
      tables: [
        timesTable(simulated),
        devicesTable(),
        meansTable(simulated),
        ...ladderTables(alex7 && meanOf(alex7.matched, 'us')),
        sweepTable(
          'Balance by depth of the FIFO',
          POWERS,
          depths.map(({ name, balance }) => [name, balance]),
        ),
        sweepTable(
          'Padding by elements',
          POWERS,
          sizes.map(({ name, padding }) => [name, padding]),
        ),
        sweepTable(
          'Balance by elements',
          POWERS,
          sizes.map(({ name, balance }) => [name, balance]),
        ),
        sweepTable(
          'Speed-up over one element',
          POWERS,
          sizes.map(({ name, speedup }) => [name, speedup]),
        ),
        ...(real.length > 0 ? [realTable(real)] : []),
        ...(networks.length > 0
          ? [
              {
                title: 'Compressed networks',
                note: 'convolutions as one matrix-vector product a position: assumed; half of what has passed a ReLU is zero: assumed',
                columns: ['network', 'weights kept', 'dense, µs', 'µs', 'times faster', 'µJ'],
                rows: networks.map(({ name, density, denseUs, us, microjoules }) => [
                  name,
                  density,
                  denseUs,
                  us,
                  denseUs / us,
                  microjoules,
                ]),
              },
            ]
          : []),
      ],
      charts: [
        times('Time of the nine layers, matched', simulated),
        lines(
          'Load balance by depth of the FIFO',
          'depth',
          'balance',
          depths.map(({ name, balance }) => [name, balance]),
        ),
        lines(
          'Speed-up by elements',
          'elements',
          'speed-up over one',
          sizes.map(({ name, speedup }) => [name, speedup]),
        ),
        lines(
          'Padding zeros by elements',
          'elements',
          'share of entries',
          sizes.map(({ name, padding }) => [name, padding]),
        ),
        lines(
          'Load balance by elements',
          'elements',
          'balance',
          sizes.map(({ name, balance }) => [name, balance]),
        ),
        figure('Figure 6: speed-up over the CPU, dense, batch 1', EIE_FIGURE_6, simulated, () => 1),
        figure(
          'Figure 7: energy efficiency over the CPU, dense, batch 1',
          EIE_FIGURE_7,
          simulated,
          (device) => EIE_WATTS.CPU / EIE_WATTS[device],
        ),
      ],
      notes: explained(simulated),
    };
  },
});

function timeClaims(simulated: readonly Simulated[]): StudyClaim[] {
  const error = (which: 'published' | 'matched', among = simulated) =>
    among.map((each) => Math.abs(errorOf(each, each[which])));
  const source = `${PAPER}, table IV, actual time`;
  const others = simulated.filter(({ layer }) => layer.name !== 'Alex-8' && layer.name !== 'VGG-6');
  const claim = (what: string, atMost: number, measured: number): StudyClaim => ({
    what,
    unit: '%',
    published: null,
    source,
    bound: { atMost },
    measured,
  });
  return [
    claim('actual time, matched mode, mean error', 0.04, mean(error('matched'))),
    claim('actual time, matched mode, largest error', 0.13, Math.max(...error('matched'))),
    claim('actual time, published mode, mean error', 0.1, mean(error('published'))),
    claim('the same without Alex-8 and VGG-6', 0.08, mean(error('published', others))),
  ];
}

/** What follows from the published times, against what the paper says of them. */
function meanClaims(): StudyClaim[] {
  return DEVICES.flatMap((device) => {
    const { speedup, energy } = EIE_MEANS[device];
    const found = publishedSpeedup(device);
    const claim = (what: string, value: number, ours: number, atMost: number): StudyClaim => ({
      what: `${what} over the ${device} from the published times, ${ours.toFixed(ours < 1000 ? 1 : 0)}x against ${value}x: off by`,
      unit: '%',
      published: null,
      source: `${PAPER}, abstract`,
      bound: { atMost },
      measured: Math.abs(ours / value - 1),
    });
    return [claim('speed', speedup, found, 0.03), claim('energy', energy, energyRatio(device, found), 0.05)];
  });
}

const timesTable = (simulated: readonly Simulated[]): Table => ({
  title: 'Tables III and IV: the nine layers, 64 elements, FIFO depth 8',
  note: `means of ${simulated[0]!.matched.length} seeds; µs; energy at ${EIE_WATTS.EIE} W`,
  columns: [
    'layer',
    'matrix',
    'weights',
    'inputs',
    'theoretical',
    'actual',
    'published mode',
    'off by, %',
    'matched mode',
    'off by, %',
    'padding',
    'balance',
    'published balance',
    'µJ',
  ],
  rows: simulated.map((each) => {
    const { layer, published, matched } = each;
    return [
      layer.name,
      `${layer.columns} → ${layer.rows}`,
      layer.weightDensity,
      layer.activationDensity,
      layer.theoreticalUs,
      layer.actualUs,
      meanOf(published, 'us'),
      100 * errorOf(each, published),
      meanOf(matched, 'us'),
      100 * errorOf(each, matched),
      meanOf(matched, 'paddingShare'),
      meanOf(matched, 'balance'),
      layer.theoreticalUs / layer.actualUs,
      EIE_WATTS.EIE * meanOf(matched, 'us'),
    ];
  }),
});

function devicesTable(): Table {
  const models = { CPU: cpu(), GPU: gpu(), mGPU: mgpu() };
  const rows = DEVICES.flatMap((device) =>
    (['dense', 'sparse'] as const).map((matrix) => {
      const found = EIE_BENCHMARKS.map(({ name, columns, rows, weightDensity }) => {
        const layer = { kind: 'dense', name, inputs: [], outputShape: [rows], kernel: name, units: rows } as const;
        const density = matrix === 'dense' ? 1 : weightDensity;
        const bits = { weightBits: 32, activationBits: 32 };
        return models[device].cost({
          layer,
          inputShape: [columns],
          batch: 1,
          weightDensity: density,
          inputDensity: 1,
          outputDensity: 1,
          ...bits,
        }).latencyUs;
      });
      const errors = found.map((us, i) => Math.abs(us / timesOf(device, matrix)[i]! - 1));
      return [`${device}, ${matrix}`, ...found, 100 * mean(errors), 100 * Math.max(...errors)];
    }),
  );
  return {
    title: 'Table IV: rooflines of the devices, batch 1',
    note: 'µs; two numbers for each row are fitted to its nine published times',
    columns: ['device', ...EIE_BENCHMARKS.map(({ name }) => name), 'mean error, %', 'largest, %'],
    rows,
  };
}

const meansTable = (simulated: readonly Simulated[]): Table => ({
  title: 'Geometric means over the layers',
  note: 'over the device’s dense matrix at batch 1; ours with simulated times of EIE, matched',
  columns: ['device', 'speed, paper', 'from its table', 'ours', 'energy, paper', 'from its table', 'ours'],
  rows: DEVICES.map((device) => {
    const all = timesOf(device, 'dense');
    const ours = geometricMean(
      simulated.map(({ layer, matched }) => all[EIE_BENCHMARKS.indexOf(layer)]! / meanOf(matched, 'us')),
    );
    const found = publishedSpeedup(device);
    return [
      device,
      EIE_MEANS[device].speedup,
      found,
      ours,
      EIE_MEANS[device].energy,
      energyRatio(device, found),
      energyRatio(device, ours),
    ];
  }),
});

type Series = readonly (readonly [name: string, values: readonly number[]])[];

const sweepTable = (title: string, heads: readonly number[], series: Series): Table => ({
  title,
  columns: ['layer', ...heads.map(String)],
  rows: series.map(([name, values]) => [name, ...values]),
});

const lines = (title: string, x: string, y: string, series: Series): Chart => ({
  kind: 'lines',
  title,
  x,
  y,
  series: series.map(([name, values]) => ({ name, points: values.map((value, i) => [POWERS[i]!, value] as const) })),
});

const times = (title: string, simulated: readonly Simulated[]): Chart => ({
  kind: 'beside',
  title,
  unit: 'µs',
  rows: simulated.map(({ layer, matched }) => ({
    name: layer.name,
    published: layer.actualUs,
    measured: meanOf(matched, 'us'),
  })),
});

/** One of the paper's bar charts: EIE simulated, the devices from their published times. */
function figure(
  title: string,
  published: Readonly<Record<string, readonly number[]>>,
  simulated: readonly Simulated[],
  gain: (device: keyof typeof EIE_WATTS) => number,
): Chart {
  const base = timesOf('CPU', 'dense');
  const rows = simulated.flatMap(({ layer, matched }) => {
    const i = EIE_BENCHMARKS.indexOf(layer);
    const of = (name: string, device: keyof typeof EIE_WATTS, us: number) => ({
      name: `${layer.name}, ${name}`,
      published: published[name]![i]!,
      measured: (base[i]! / us) * gain(device),
    });
    return [of('GPU sparse', 'GPU', timesOf('GPU', 'sparse')[i]!), of('EIE', 'EIE', meanOf(matched, 'us'))];
  });
  return { kind: 'beside', title, unit: 'times', rows };
}
