import type { Encoder, Weight } from '@pare/core';
import type { GroupEncoder } from './contract.ts';
import type { RecordEntry } from './header.ts';

/** What one encoder made of a weight. */
export interface Encoded {
  readonly weight: Weight;
  readonly encoder: Encoder;
  readonly bytes: Uint8Array;
}

export interface EncodedRecord {
  readonly entry: RecordEntry;
  readonly bytes: Uint8Array;
}

/** What a record costs beside its content: its entry in the header, the rounding to bytes, what it does not learn from others. */
const RECORD_BYTES = 6;

interface Path {
  readonly cost: number;
  readonly last?: Encoded;
  readonly before?: Path;
}

/**
 * Chooses for each weight, in order, one of its encodings such that all together are smallest, where neighbours of one codec
 * may share a record.
 *
 * @param choices - for each weight at least one; of equals the first is taken
 */
export function chooseEncodings(choices: readonly (readonly Encoded[])[]): readonly Encoded[] {
  // Invariant: paths[i] is the cheapest way through all weights so far that ends with the i-th encoding of the last one.
  let paths: Path[] = [{ cost: 0 }];
  for (const candidates of choices) {
    paths = candidates.map((last) =>
      paths
        .map((before) => ({ cost: before.cost + costAfter(before.last, last), last, before }))
        .reduce((best, path) => (path.cost < best.cost ? path : best)),
    );
  }
  const chosen: Encoded[] = [];
  let path: Path | undefined = paths.reduce((best, path) => (path.cost < best.cost ? path : best));
  for (; path?.last; path = path.before) chosen.push(path.last);
  return chosen.reverse();
}

const costAfter = (before: Encoded | undefined, { encoder, bytes }: Encoded): number =>
  bytes.length + (isGroupEncoder(encoder) && before?.encoder.id === encoder.id ? 0 : RECORD_BYTES);

/** Makes records of neighbours that one codec can take together, and closes blocks, both when they have reached a size. */
export function joinRecords(encoded: readonly Encoded[], recordBytes: number): EncodedRecord[] {
  const records: EncodedRecord[] = [];
  let sinceChecksum = 0;
  for (let next = 0; next < encoded.length; ) {
    const { encoder } = encoded[next]!;
    const start = next;
    let estimate = encoded[next++]!.bytes.length;
    while (isGroupEncoder(encoder) && encoded[next]?.encoder.id === encoder.id && estimate < recordBytes) {
      estimate += encoded[next++]!.bytes.length;
    }
    const members = encoded.slice(start, next);
    const together = members.length > 1 ? groupOf(members) : undefined;
    const parts = together ? [together] : members.map(({ bytes }) => bytes);
    for (const [i, bytes] of parts.entries()) {
      sinceChecksum += bytes.length;
      const closes = sinceChecksum >= recordBytes || (next === encoded.length && i === parts.length - 1);
      if (closes) sinceChecksum = 0;
      const count = together ? members.length : 1;
      records.push({ entry: { codec: encoder.id, count, bytes: bytes.length, checksum: closes }, bytes });
    }
  }
  return records;
}

/** One record of several weights; undefined if their encoder refuses, as one with a limit may. */
function groupOf(members: readonly Encoded[]): Uint8Array | undefined {
  try {
    return (members[0]!.encoder as GroupEncoder).encodeGroup(members.map(({ weight }) => weight));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return undefined;
  }
}

const isGroupEncoder = (encoder: Encoder): encoder is GroupEncoder => 'encodeGroup' in encoder;
