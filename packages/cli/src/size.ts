import { UsageError } from './exit.ts';

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

/**
 * Reads a size as people write it: `400kB` is 400,000 bytes, `400KiB` 409,600, `400` four hundred.
 *
 * @param option - whose value it is, for the message
 * @throws UsageError if it is no size
 * @example
 * parseSize('--target-size', '0.5 MB') // 500000
 */
export function parseSize(option: string, text: string): number {
  const [, number, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text) ?? [];
  const factor = Object.hasOwn(UNITS, unit.toLowerCase()) ? UNITS[unit.toLowerCase()] : undefined;
  const size = Math.floor(Number(number) * (factor ?? Number.NaN));
  if (!(size > 0)) throw new UsageError(`${option} expected a size such as 400kB, 1.5MB or 300KiB, got "${text}"`);
  return size;
}
