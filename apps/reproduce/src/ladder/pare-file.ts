import { elementCount } from '@pare/core';
import { decodeModel, describeFile } from '@pare/format';
import { layerSizes } from '../sizes.ts';
import type { LayerBytes, RowDetails, RowMade } from './row.ts';

/** A row's outcome where it is a `.pare` file: what a reader gets from it, and where its bytes go. */
export function pareFile(file: Uint8Array, note: string, details: Omit<RowDetails, 'layers'> = {}): RowMade {
  const model = decodeModel(file);
  const sizes = layerSizes(model);
  const layers = describeFile(file).weights.map(
    ({ name, shape, bytes, bytesByStream }, i): LayerBytes => ({
      name,
      elements: elementCount(shape),
      kept: sizes[i]!.kept,
      bytes: rounded(bytes),
      streams: Object.fromEntries(Object.entries(bytesByStream).map(([stream, size]) => [stream, rounded(size)])),
    }),
  );
  return { file, bytes: file.length, model, note, details: { ...details, layers } };
}

/** To a tenth of a byte, so that results stay small. */
const rounded = (bytes: number): number => Math.round(10 * bytes) / 10;
