import { describeHardware } from '@pare/testkit';
import { alexnetConvolutions } from '../test/layers.ts';
import { eie, eyeriss, hardwareNamed, hardwareNames } from './index.ts';

for (const name of hardwareNames()) describeHardware(name, () => hardwareNamed(name), { runs: 25 });

const convolutions = alexnetConvolutions(() => ({ batch: 4, inputDensity: 0.4, outputDensity: 0.3 })).slice(2);
describeHardware('eyeriss, strict, on AlexNet', () => eyeriss({ gating: 'strict' }), {
  workloads: convolutions,
  runs: 10,
});
describeHardware('eyeriss, skip', () => eyeriss({ gating: 'skip' }), { runs: 10 });
describeHardware('eyeriss, small', () => eyeriss({ machine: { peCount: 16, bufferWords: 2000 } }), { runs: 10 });
describeHardware('eie by activity', () => eie({ energy: 'activity', peCount: 8, fifoDepth: 2 }), { runs: 10 });
