import { compressModel } from '@pare/compress';
import type { Calibration, LayerStatistics } from '@pare/core';
import { createCalibration } from '@pare/tfjs';
import type { NetworkName } from '../data/networks.ts';
import { fingerprint } from './fingerprint.ts';
import type { RowContext } from './row.ts';
import { timed } from './timed.ts';

/** What images tell about a network, and the seconds of a core that it took to ask them. */
export interface Learned {
  readonly calibration: Calibration;
  readonly seconds: number;
}

/**
 * Asks the calibration images about a network, once for all rows. Nothing but a token image of them is held back again: rows are
 * given sizes, and the ladder's own held-back fifth tells what these cost.
 */
export async function learnFromImages(context: RowContext, name: NetworkName): Promise<Learned> {
  const { network, shared, report, signal } = context;
  const model = await network(name);
  const images = await context.calibration(model);
  const calibration = createCalibration(model, images, { heldBack: 1 / images.count });
  const onProgress = (done: number): void => report(`asking ${images.count} images`, 0.5 * done);
  const { made, seconds } = await shared(`statistics-${name}`, fingerprint(model), () =>
    timed<ReadonlyMap<string, LayerStatistics>>(() => calibration.statistics(model, { signal, onProgress })),
  );
  return { calibration: { ...calibration, statistics: async () => made }, seconds };
}

/** A file of a size, and the seconds of a core that it took once the images had been asked. */
export interface Sized {
  readonly bytes: Uint8Array;
  readonly seconds: number;
}

/**
 * Compresses a network with what images tell and without retraining, once for each size.
 *
 * @param multiplications - prunes it too, until this share of its multiplications is left. Default: as the size alone wants it
 */
export async function compressToSize(
  context: RowContext,
  name: NetworkName,
  targetSize: number,
  multiplications?: number,
): Promise<Sized> {
  const { network, shared, report, signal, mode } = context;
  const model = await network(name);
  const { calibration } = await learnFromImages(context, name);
  const made = multiplications === undefined ? `${name}-${targetSize}` : `${name}-${targetSize}-${multiplications}`;
  return shared(made, fingerprint(model), async () => {
    const { made, seconds } = await timed(() =>
      compressModel(model, {
        calibration,
        targetSize,
        signal,
        ...(multiplications !== undefined && { multiplications }),
        ...(mode === 'smoke' && { coding: 'fast' as const }),
        onProgress: ({ phase, done }) => report(`${targetSize.toLocaleString('en-US')} B: ${phase}`, 0.5 + 0.5 * done),
      }),
    );
    return { bytes: made.bytes, seconds };
  });
}
