import { existsSync, readFileSync } from 'node:fs';
import type { Shape, Weight } from '@pare/core';

// Networks from the data folder, which is not part of this repository: PARE_DATA, or ../shared/data beside it.

const folder = process.env.PARE_DATA ?? new URL('../../../../shared/data', import.meta.url).pathname;

/** The path of a data file; undefined, with a warning, if it is not there. */
export function dataFile(name: string): string | undefined {
  const path = `${folder}/${name}`;
  if (existsSync(path)) return path;
  console.warn(`skipped: no ${path}; set PARE_DATA to the data folder`);
  return undefined;
}

/** The tensors of a safetensors file of float32, in the order of its header. */
export function readSafetensors(path: string): { name: string; shape: Shape; values: Float32Array }[] {
  const file = readFileSync(path);
  const headerSize = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, 8 + headerSize)) as Record<
    string,
    { shape: Shape; data_offsets: [number, number] }
  >;
  const { __metadata__, ...tensors } = header;
  return Object.entries(tensors).map(
    ([
      name,
      {
        shape,
        data_offsets: [start, end],
      },
    ]) => ({
      name,
      shape,
      values: new Float32Array(Uint8Array.from(file.subarray(8 + headerSize + start, 8 + headerSize + end)).buffer),
    }),
  );
}

/** The convolutions of SqueezeNet v1.0 in order: name, filters, channels, side. */
function squeezeNetConvolutions(): [string, number, number, number][] {
  const convolutions: [string, number, number, number][] = [['conv1', 96, 3, 7]];
  let channels = 96;
  for (const [fire, squeeze, expand] of [
    [2, 16, 64],
    [3, 16, 64],
    [4, 32, 128],
    [5, 32, 128],
    [6, 48, 192],
    [7, 48, 192],
    [8, 64, 256],
    [9, 64, 256],
  ] as const) {
    convolutions.push([`fire${fire}/squeeze1x1`, squeeze, channels, 1]);
    convolutions.push([`fire${fire}/expand1x1`, expand, squeeze, 1]);
    convolutions.push([`fire${fire}/expand3x3`, expand, squeeze, 3]);
    channels = 2 * expand;
  }
  return [...convolutions, ['conv10', 1000, 512, 1]];
}

/**
 * The weights of the compressed SqueezeNet that the authors of Deep Compression released: counts of entries, then for each
 * convolution a codebook, biases, symbols and 4-bit gaps (low nibble first). Here without checks; @pare/plugin-han2016 is the importer.
 */
export function readHanSqueezeNet(path: string): Weight[] {
  const file = readFileSync(path);
  const convolutions = squeezeNetConvolutions();
  let offset = 4 * convolutions.length;
  const floats = (count: number): Float32Array =>
    new Float32Array(Uint8Array.from(file.subarray(offset, (offset += 4 * count))).buffer);
  return convolutions.flatMap(([name, filters, channels, side], layer): Weight[] => {
    const entries = file.readUInt32LE(4 * layer);
    const codebook = floats(256);
    const bias = floats(filters);
    const symbols = file.subarray(offset, (offset += entries));
    const gaps = file.subarray(offset, (offset += Math.ceil(entries / 2)));
    const shape = [filters, channels, side, side];
    const count = filters * channels * side * side;
    const mask = new Uint8Array(count);
    const indices = new Uint16Array(count);
    for (let i = 0, place = -1; i < entries; i++) {
      place += ((gaps[i >> 1]! >> (4 * (i & 1))) & 15) + 1;
      if (symbols[i] === 0) continue; // a filler
      mask[place] = 1;
      indices[place] = symbols[i]!;
    }
    return [
      { name: `${name}/kernel`, shape, form: { kind: 'shared', codebook, indices, mask } },
      { name: `${name}/bias`, shape: [filters], form: { kind: 'dense', values: bias } },
    ];
  });
}
