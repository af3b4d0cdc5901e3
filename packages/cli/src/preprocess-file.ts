import { readFileSync } from 'node:fs';
import type { Preprocess } from '@pare/core';
import { UsageError } from './exit.ts';

/** For messages. */
const PREPROCESS_EXAMPLE =
  '{ "resize": 256, "crop": [224, 224], "channelOrder": "rgb", "scale": 0.00392156862745098, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225] }';

/**
 * Reads how examples become a network's input: `Preprocess` of `@pare/core` as JSON, each field optional.
 *
 * @throws UsageError naming the field if the file is absent or says something else
 */
export function readPreprocess(path: string): Preprocess {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new UsageError(`--preprocess: cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError(`--preprocess: ${path}: expected an object such as ${PREPROCESS_EXAMPLE}`);
  }
  for (const [field, content] of Object.entries(value)) {
    const known = Object.hasOwn(FIELDS, field) ? FIELDS[field as keyof Preprocess] : undefined;
    if (!known) {
      const fields = Object.keys(FIELDS).join(', ');
      throw new UsageError(`--preprocess: ${path}: unknown field "${field}"; there are ${fields}`);
    }
    if (known.holds(content)) continue;
    throw new UsageError(
      `--preprocess: ${path}: "${field}" expected ${known.expected}, got ${JSON.stringify(content)}`,
    );
  }
  return value;
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 1;
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const areNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length > 0 && value.every(isNumber);

const FIELDS: Readonly<
  Record<keyof Preprocess, { readonly expected: string; readonly holds: (value: unknown) => boolean }>
> = {
  resize: { expected: 'pixels of the shorter side, a whole number ≥ 1', holds: isCount },
  crop: {
    expected: '[height, width] in pixels',
    holds: (value) => Array.isArray(value) && value.length === 2 && value.every(isCount),
  },
  channelOrder: { expected: '"rgb" or "bgr"', holds: (value) => value === 'rgb' || value === 'bgr' },
  scale: { expected: 'a number but 0', holds: (value) => isNumber(value) && value !== 0 },
  mean: { expected: 'a list with a number a channel', holds: areNumbers },
  std: {
    expected: 'a list with a number above 0 a channel',
    holds: (value) => areNumbers(value) && value.every((each) => each > 0),
  },
};
