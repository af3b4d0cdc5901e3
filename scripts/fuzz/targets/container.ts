import { elementCount, type Model, type Random } from '../../../packages/core/src/index.ts';
import { checksum } from '../../../packages/format/src/checksum.ts';
import { type FileStart, type Limits, readStart, SIGNATURE } from '../../../packages/format/src/file-layout.ts';
import { decodeModel, decodeStream, describeFile, openRanges } from '../../../packages/format/src/index.ts';
import { defineTarget, demand, type Seed, type Target } from '../target.ts';
import { smallFiles } from './_files.ts';
import { expectForm } from './codecs.ts';

/** Just above what the seeds need, so that what declares more is refused. */
export const LIMITS: Required<Limits> = { elements: 2 ** 13, headerBytes: 2 ** 13, codebook: 300 };

interface Told {
  /** Where they begin, behind the header. */
  readonly records: number;
}

/** Whole files, and how they are damaged. */
export const damagedFiles = {
  mostBytes: 2 ** 25,
  seeds: (): Seed<Told>[] =>
    smallFiles().map(({ what, bytes }) => ({ what, bytes, told: { records: readStart(bytes)!.end } })),
  intact: ({ records }: Told): number => records,
  repair: repairFile,
};

export const container: Target = defineTarget<Told>({
  ...damagedFiles,
  name: 'format',
  weight: 1,
  read: (bytes, _told, random) => WAYS[random.integer(WAYS.length)]!(bytes, random),
});

const WAYS: readonly ((bytes: Uint8Array, random: Random) => unknown)[] = [
  whole,
  whole,
  dense,
  inPieces,
  inRanges,
  described,
];

function whole(bytes: Uint8Array): Model {
  const model = decodeModel(bytes, { limits: LIMITS });
  expectWithinLimits(model);
  return model;
}

function dense(bytes: Uint8Array): Model {
  const model = decodeModel(bytes, { limits: LIMITS, dense: true });
  expectWithinLimits(model);
  demand(
    model.weights.every(({ form }) => form.kind === 'dense'),
    'gives a form that is not dense',
  );
  return model;
}

async function inPieces(bytes: Uint8Array, random: Random): Promise<unknown> {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + random.integer(bytes.length);
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  const parts: unknown[] = [];
  for await (const part of decodeStream(pieces, { limits: LIMITS })) parts.push(part);
  return parts;
}

/** Weight by weight, in any order, from a server that now and then sends less than it was asked for, or more. */
async function inRanges(bytes: Uint8Array, random: Random): Promise<unknown> {
  const lies = random.integer(4) === 0;
  const read = async (start: number, end: number): Promise<Uint8Array> =>
    bytes.subarray(start, lies ? end + random.integer(9) - 4 : end);
  const file = await openRanges(read, { limits: LIMITS });
  const { weights } = file.header;
  const found: unknown[] = [];
  for (let i = 0; i < Math.min(weights.length, 16); i++) {
    const { name } = weights[random.integer(weights.length)]!;
    const weight = await file.weight(name);
    demand(weight.name === name, `gives "${weight.name}" for "${name}"`);
    expectForm(weight.form, elementCount(weight.shape));
    found.push(weight);
  }
  return [file.header, ...found];
}

function described(bytes: Uint8Array): unknown {
  return describeFile(bytes, { limits: LIMITS });
}

export function expectWithinLimits({ weights }: Model): void {
  for (const { shape, form } of weights) expectForm(form, elementCount(shape));
  const total = weights.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  demand(total <= LIMITS.elements, `gives ${total} numbers`);
}

/** Makes the checksums of a damaged file right: of the header, then of the blocks that it says there are. */
function repairFile(damaged: Uint8Array): Uint8Array {
  const bytes = damaged.slice();
  bytes.set(SIGNATURE.slice(0, Math.min(bytes.length, SIGNATURE.length)));
  let at = SIGNATURE.length;
  let size = 0;
  for (let byte = 128; byte > 127 && at < bytes.length && at < 10; at++) {
    byte = bytes[at]!;
    size += (byte & 127) * 128 ** (at - SIGNATURE.length);
  }
  put(bytes, 0, at + size);
  let start: FileStart | undefined;
  try {
    start = readStart(bytes, LIMITS);
  } catch {
    return bytes;
  }
  for (const block of start?.blocks ?? []) put(bytes, block.start, block.end);
  return bytes;
}

function put(bytes: Uint8Array, start: number, end: number): void {
  if (end < bytes.length) bytes.set(checksum(bytes.subarray(start, end)).slice(0, bytes.length - end), end);
}
