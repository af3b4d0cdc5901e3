import type { CompressSettings } from './settings.ts';

/** Says where we are, lets others have their turn (a Ctrl-C, a progress bar), and stops if asked to. */
export async function pause(
  { signal, onProgress }: CompressSettings,
  phase: string,
  done: number,
  weight?: string,
): Promise<void> {
  onProgress?.({ phase, done, ...(weight !== undefined && { weight }) });
  await new Promise<void>((resolve) => setTimeout(resolve));
  signal?.throwIfAborted();
}

/** For programs: what was asked is sound, but not to be had. */
export const unreachable = (message: string, cause?: unknown): Error =>
  Object.assign(new RangeError(`compressModel: ${message}`, { cause }), { code: 'unreachable' });
