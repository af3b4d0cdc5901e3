import { ladder } from '@pare/hardware';
import { EIE_PLATFORMS, EIE_WATTS, type EiePlatform, LADDER_ROWS, NVIDIA_ALEXNET } from '@pare/hardware/published';
import type { Table } from '../study/study.ts';

/**
 * The ladder of hardware, told by tables: fc7 of AlexNet on the machines of EIE's comparison beside the rule of ten times a step, what was
 * claimed of single steps, and AlexNet as a whole.
 *
 * @param simulatedUs - what our EIE takes for fc7; undefined: its row is left out
 */
export const ladderTables = (simulatedUs: number | undefined): readonly Table[] => [
  platforms(simulatedUs),
  {
    title: 'Steps of the ladder: how many times more efficient',
    columns: ['what', 'from', 'to', 'at least', 'at most', 'source'],
    rows: LADDER_ROWS.map(({ what, from, to, ratio: [least, most], source }) => [what, from, to, least, most, source]),
  },
  {
    title: 'AlexNet on CPUs and GPUs',
    note: 'NVIDIA 2015; of rows that are confirmed, throughput and efficiency are',
    columns: ['machine', 'precision', 'batch', 'images/s', 'W', 'images/s/W', 'seen'],
    rows: NVIDIA_ALEXNET.map(({ device, precision, batch, imagesPerSecond, watts, status }) => [
      ...[device, precision, batch, imagesPerSecond, watts],
      imagesPerSecond / watts,
      status,
    ]),
  },
];

function platforms(simulatedUs: number | undefined): Table {
  const named = (type: EiePlatform['type']) => EIE_PLATFORMS.filter((platform) => platform.type === type);
  const efficiency = (type: EiePlatform['type']): readonly number[] => named(type).map((each) => each.framesPerJoule);
  const [cpu, gpu] = [efficiency('CPU')[0]!, efficiency('GPU')[0]!];
  const chips = efficiency('ASIC').map((framesPerJoule) => Math.round(framesPerJoule / gpu).toLocaleString('en-US'));
  const steps = ladder(1);
  const rule = (type: EiePlatform['type']): number =>
    1 / steps.find(({ step }) => step === (type === 'mGPU' ? 'GPU' : type))!.energy;
  const upfront = [...steps].sort((a, b) => b.upfrontRank - a.upfrontRank).map(({ step }) => step);
  const row = ({ name, type, watts, framesPerSecond, framesPerJoule }: Row): Table['rows'][number] => [
    ...[name, type, watts, framesPerSecond],
    1000 / framesPerJoule,
    framesPerJoule / cpu,
    rule(type),
  ];
  return {
    title: 'Table V: fc7 of AlexNet on other machines, and the rule of ten times a step',
    note: `the rule holds from CPU to GPU alone (${(gpu / cpu).toFixed(1)}x); the FPGA has ${(efficiency('FPGA')[0]! / gpu).toFixed(2)} of the GPU’s efficiency, dedicated chips ${chips.join(', ')} times as much; in watts the GPU (${EIE_WATTS.GPU}) is above the CPU (${EIE_WATTS.CPU}). Upfront cost goes the other way, the highest first: ${upfront.join(', ')}`,
    columns: ['machine', 'type', 'W', 'frames/s', 'mJ a frame', 'times less energy than the CPU', 'the rule'],
    rows: [...EIE_PLATFORMS, ...(simulatedUs === undefined ? [] : [simulated(simulatedUs)])].map(row),
  };
}

type Row = Pick<EiePlatform, 'name' | 'type' | 'watts' | 'framesPerSecond' | 'framesPerJoule'>;

function simulated(us: number): Row {
  const framesPerSecond = 1e6 / us;
  return {
    ...{ name: 'EIE, 64 PE, simulated', type: 'ASIC', watts: EIE_WATTS.EIE },
    ...{ framesPerSecond, framesPerJoule: framesPerSecond / EIE_WATTS.EIE },
  };
}
