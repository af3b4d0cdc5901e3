import { elementCount, type Model, type Random } from '../../../packages/core/src/index.ts';
import { checksum } from '../../../packages/format/src/checksum.ts';
import { type FileStart, type Limits, readStart, SIGNATURE } from '../../../packages/format/src/file-layout.ts';
import { decodeModel, decodeStream, describeFile } from '../../../packages/format/src/index.ts';
import { defineTarget, demand, type Target } from '../target.ts';
import { smallFiles } from './_files.ts';
import { expectForm } from './codecs.ts';

/** Just above what the seeds need, so that what declares more is refused. */
export const LIMITS: Required<Limits> = { elements: 2 ** 13, headerBytes: 2 ** 13, codebook: 300 };

interface Told {
  /** Where they begin, behind the header. */
  readonly records: number;
}

export const container: Target = defineTarget<Told>({
  name: 'format',
  weight: 1,
  mostBytes: 2 ** 25,
  seeds: () => smallFiles().map(({ what, bytes }) => ({ what, bytes, told: { records: readStart(bytes)!.end } })),
  read: (bytes, _told, random) => WAYS[random.integer(WAYS.length)]!(bytes, random),
  intact: ({ records }) => records,
  repair: repairFile,
});

const WAYS: readonly ((bytes: Uint8Array, random: Random) => unknown)[] = [whole, whole, dense, inPieces, described];

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

function described(bytes: Uint8Array): unknown {
  return describeFile(bytes, { limits: LIMITS });
}

function expectWithinLimits({ weights }: Model): void {
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
