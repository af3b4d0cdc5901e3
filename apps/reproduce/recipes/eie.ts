import { cpu, drawnColumns, gpu, mgpu, simulateEie } from '@pare/hardware';
import {
  EIE_BENCHMARKS,
  EIE_FIGURE_6,
  EIE_FIGURE_7,
  EIE_MEANS,
  EIE_PLATFORMS,
  EIE_TIMES,
  EIE_WATTS,
  type EieTimes,
} from '@pare/hardware/published';
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
        platformsTable(simulated),
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
      notes: [
        'Published mode draws each weight and each input by the densities of table III. Matched mode keeps the weights’ density, takes as many active columns as make the published theoretical time (where all are active, as many weights), and makes columns and rows as uneven as those of one real fc8 are (coefficients of variation 0.08 and 0.13).',
        'Densities of the table are averages, the published run had one input: a real input of fc8 had 42.9 % active instead of 37.5 %, its weights were 25.7 % dense, which alone explains 15 % of Alex-8.',
        'VGG-6 stays 11 % below: its published balance of 0.82 asks for rows more uneven than any matrix that we have. Its actual time cannot be reproduced from published data.',
        'NT-We has 9.4 rows an element: a third of its columns are empty for an element, and each takes a cycle.',
        '189x, 307x and 3,400x do not follow from table IV to the digit: with its times they are 194x, 314x and 3,553x; 13x, 24,000x and 2,700x do. EIE times 2.3 to 2.6 % slower behind the figure would explain all three speed-ups.',
        'theoretical time counts entries, padding included: counting nonzeros alone misses the published row by 19 % on average, counting entries by 7 %.',
        'Energy is 0.59 W × time, the paper’s method. Published: power by module, clock. Fitted: two numbers for each device and format. Assumed: that a convolution is one product a position.',
        'Beyond 64 elements the speed-up may exceed their number: padding shrinks.',
      ],
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

const timesOf = (device: EieTimes['device'], matrix: EieTimes['matrix'], batch: EieTimes['batch'] = 1) =>
  EIE_TIMES.find((row) => row.device === device && row.matrix === matrix && row.batch === batch)!.us;
const DEVICES = ['CPU', 'GPU', 'mGPU'] as const;

const publishedSpeedup = (device: EieTimes['device']): number =>
  geometricMean(timesOf(device, 'dense').map((us, i) => us / EIE_BENCHMARKS[i]!.actualUs));
const energyRatio = (device: EieTimes['device'], speedup: number): number =>
  (speedup * EIE_WATTS[device]) / EIE_WATTS.EIE;

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
  note: `means of ${simulated[0]!.matched.length} seeds; µs; energy at 0.59 W`,
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
      0.59 * meanOf(matched, 'us'),
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

/** Table V with our own figures for EIE, and the rule of thumb beside it. */
function platformsTable(simulated: readonly Simulated[]): Table {
  const alex7 = simulated.find(({ layer }) => layer.name === 'Alex-7');
  const millijoules = (framesPerJoule: number) => 1000 / framesPerJoule;
  const ours = alex7 && 1e6 / meanOf(alex7.matched, 'us');
  const rule: Readonly<Record<string, number>> = { CPU: 1, GPU: 10, mGPU: 10, FPGA: 100, ASIC: 1000 };
  const base = millijoules(EIE_PLATFORMS[0]!.framesPerJoule);
  const row = (name: string, type: string, watts: number, fps: number, mj: number) => [
    name,
    type,
    watts,
    fps,
    mj,
    base / mj,
    rule[type]!,
  ];
  return {
    title: 'Table V: fc7 of AlexNet on other machines, and the rule of ten times a step',
    note: 'the rule holds from CPU to GPU alone (11.7x); the FPGA is behind the GPU, dedicated chips are 360 to 5,400 times ahead of it; in watts the GPU is above the CPU. Upfront cost goes the other way: dedicated chip, FPGA, GPU, CPU',
    columns: ['machine', 'type', 'W', 'frames/s', 'mJ a frame', 'times less energy than the CPU', 'the rule'],
    rows: [
      ...EIE_PLATFORMS.map(({ name, type, watts, framesPerSecond, framesPerJoule }) =>
        row(name, type, watts, framesPerSecond, millijoules(framesPerJoule)),
      ),
      ...(ours ? [row('EIE, 64 PE, simulated', 'ASIC', 0.59, ours, (1000 * 0.59) / ours)] : []),
    ],
  };
}

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
