import type { InputLayer } from '@pare/core';
import { UsageError } from '../exit.ts';

/**
 * Checks that a network says how bytes become its input.
 *
 * @param what - holds bytes, for the message
 * @throws UsageError saying what to do, if it does not
 */
export function checkPreprocess(what: string, { name, preprocess }: InputLayer): void {
  if (preprocess) return;
  throw new UsageError(
    `--calibration: ${what}, and the network does not say how its input "${name}" is made of them (scale, mean, order of ` +
      'colours): say it by --preprocess FILE, or give an .npz with "x" in float32 as the network takes it',
  );
}
