import { parameterCount } from '@pare/core';
import { encodeModel } from '@pare/format';
import { pareFile } from '../pare-file.ts';
import { TABLE_2 } from '../published.ts';
import { defineRow } from '../row.ts';

/** Bytes of the released file: 8-bit codes and 4-bit gaps as they are, no entropy coding. */
const RELEASED_BYTES = 675_763;

/** The authors' released network, every weight bit by bit as it is, in our file with nothing but Huffman codes: the paper's last stage. */
export default defineRow({
  id: 'released-8-bit',
  title: 'SqueezeNet v1.0, released in 8 bits + Huffman',
  architecture: 'SqueezeNet v1.0',
  group: 'published',
  published: TABLE_2.squeezenet8,
  runs: 'always',
  against: 'squeezenet-released',
  bounds: [
    { what: 'bytes', atMost: 560_000 },
    { what: 'top-1 drop', atMost: 0 },
  ],
  async run({ network, mode, report, material }) {
    const model = await network('squeezenet-released');
    report('Huffman codes', 0.2);
    const file = encodeModel(model, { coding: 'huffman' });
    report('adaptive arithmetic codes', 0.5);
    const smallest = mode === 'smoke' ? undefined : encodeModel(model).length;
    const stages = [
      { stage: 'float32', bytes: 4 * parameterCount(model) },
      ...(material === 'real'
        ? [{ stage: 'pruned, 8-bit codes, 4-bit gaps (their file)', bytes: RELEASED_BYTES }]
        : []),
      { stage: 'Huffman codes (this row)', bytes: file.length },
      ...(smallest === undefined ? [] : [{ stage: 'our adaptive coding, same weights', bytes: smallest }]),
    ];
    const beside =
      smallest === undefined ? '' : `; the same in our adaptive coding: ${smallest.toLocaleString('en-US')} B`;
    return pareFile(file, `every weight bit by bit as released${beside}`, { stages });
  },
});
