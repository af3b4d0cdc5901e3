import { eieMachine, REAL_UNEVENNESS } from '@pare/hardware';
import { EIE_WATTS } from '@pare/hardware/published';
import { DEVICES, energyRatio, publishedSpeedup } from './eie-means.ts';
import { errorOf, mean, type Simulated } from './eie-runs.ts';

/** What explains the differences from the paper, in numbers of this run. */
export function explained(simulated: readonly Simulated[]): string[] {
  const found = (name: string) => simulated.find(({ layer }) => layer.name === name);
  const { columns, rows } = REAL_UNEVENNESS;
  const times = (ratio: number) => `${Math.round(ratio).toLocaleString('en-US')}x`;
  const speed = DEVICES.map((device) => times(publishedSpeedup(device)));
  const energy = DEVICES.map((device) => times(energyRatio(device, publishedSpeedup(device))));
  const [vgg6, ntWe] = [found('VGG-6'), found('NT-We')];
  const missed = (cycles: (run: Simulated['published'][number]) => number) =>
    (
      100 *
      mean(
        simulated.map(({ layer, published }) =>
          Math.abs(mean(published.map(cycles)) / (layer.theoreticalUs * CYCLES_A_US) - 1),
        ),
      )
    ).toFixed(0);
  return [
    `Published mode draws each weight and each input by the densities of table III. Matched mode keeps the weights’ density, takes as many active columns as make the published theoretical time (where all are active, as many weights), and makes columns and rows as uneven as those of one real fc8 are (coefficients of variation ${columns} and ${rows}).`,
    'Densities of the table are averages, the published run had one input: a real input of fc8 had 42.9 % active instead of 37.5 %, its weights were 25.7 % dense, which alone explains 15 % of Alex-8.',
    ...(vgg6
      ? [
          `VGG-6 stays ${(-100 * errorOf(vgg6, vgg6.matched)).toFixed(0)} % below: its published balance of ${(vgg6.layer.theoreticalUs / vgg6.layer.actualUs).toFixed(2)} asks for rows more uneven than any matrix that we have. Its actual time cannot be reproduced from published data.`,
        ]
      : []),
    ...(ntWe
      ? [
          `NT-We has ${(ntWe.layer.rows / ELEMENTS).toFixed(1)} rows an element: ${(100 * emptyShare(ntWe)).toFixed(0)} % of its columns are empty for an element, and each takes a cycle.`,
        ]
      : []),
    `189x, 307x and 3,400x do not follow from table IV to the digit: with its times they are ${speed[0]}, ${speed[2]} and ${energy[1]}; 13x (${speed[1]}), 24,000x (${energy[0]}) and 2,700x (${energy[2]}) do within rounding. EIE times 2.3 to 2.6 % slower behind the figure would explain all three speed-ups.`,
    `Theoretical time counts entries, padding included: counting nonzeros alone misses the published row by ${missed((run) => run.nonzeros / ELEMENTS)} % on average, counting entries by ${missed((run) => run.entries / ELEMENTS)} %.`,
    `Energy is ${EIE_WATTS.EIE} W × time, the paper’s method. Published: power by module, clock. Fitted: two numbers for each device and format. Assumed: that a convolution is one product a position.`,
    `Beyond ${ELEMENTS} elements the speed-up may exceed their number: padding shrinks.`,
  ];
}

/** Of the chip: elements, and cycles a µs. */
const { peCount: ELEMENTS, clockMHz: CYCLES_A_US } = eieMachine();

/** Share of active columns in which an element has nothing to do. */
const emptyShare = ({ columns: { counts } }: Simulated): number =>
  counts.reduce((sum, count) => sum + (count === 0 ? 1 : 0), 0) / counts.length;
