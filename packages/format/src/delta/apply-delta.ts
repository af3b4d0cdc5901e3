import { ArithmeticDecoder } from '../arithmetic-decode.ts';
import { codeBits, codeGamma } from '../bit-coder.ts';
import { corrupt } from '../corrupt.ts';
import { type Limits, readStart, SIGNATURE } from '../file-layout.ts';
import { encodeHeader } from '../header-encode.ts';
import { located } from '../located.ts';
import { assembleFile, varint, withChecksum } from '../write.ts';
import type { DeltaOptions } from './encode-delta.ts';
import { codeFormChange } from './form-change.ts';
import { BYTES, CHANGE, COPY, DELTA_SIGNATURE, DELTA_START, encodeRecord } from './layout.ts';
import { crc32, type LazyFile, lazyFile, sameBytes } from './old-file.ts';

/**
 * Makes the new file of the old one and a delta, byte for byte.
 *
 * @throws RangeError if `old` is not the file that the delta was made for
 * @throws CorruptDataError if the delta is damaged, or what it makes is not the file it should be
 * @example
 * const file = encodeModel({ layers: [], weights: [], history: [] });
 * applyDelta(file, encodeDelta(file, file)).length // 16
 */
export function applyDelta(old: Uint8Array, delta: Uint8Array, options: DeltaOptions = {}): Uint8Array {
  const odd = DELTA_SIGNATURE.findIndex((byte, i) => delta[i] !== byte);
  if (odd === 4) corrupt('unknown-version', 4, `version ${delta[4]} of deltas; this reader knows version 1`);
  if (odd >= 0) corrupt('not-a-delta', odd, 'this is no delta between .pare files');
  if (delta.length < DELTA_START) corrupt('truncated', delta.length, 'the delta ends early');
  const [crcOld, crcNext] = [delta.subarray(5, 9), delta.subarray(9, DELTA_START)];
  if (!sameBytes(crcOld, crc32(old))) {
    throw new RangeError(
      'applyDelta: "old" expected the file that the delta was made for, got one with another checksum',
    );
  }
  const before = lazyFile(old, options.limits);
  const next = located(DELTA_START, 'delta', () => {
    const decoder = new ArithmeticDecoder(delta.subarray(DELTA_START));
    const made = makeNext(decoder, before, options.limits ?? {});
    decoder.expectEnd();
    return made;
  });
  if (!sameBytes(crcNext, crc32(next))) corrupt('checksum', 9, 'what the delta makes is not the file it should be');
  return next;
}

function makeNext(decoder: ArithmeticDecoder, before: LazyFile, limits: Limits): Uint8Array {
  const sameLayout = codeBits(decoder, 0, 1) === 1;
  const header = sameLayout ? undefined : readBytes(decoder);
  const places = header ? placesIn(header, limits) : before.records;
  // A copy costs a few bits, however large the record: all together are no larger than the numbers that limits allow.
  const most = 4 * (limits.elements ?? 2 ** 28) + before.bytes.length;
  let made = 0;
  const records = places.map((place) => {
    const bytes = makeRecord(decoder, before, place, limits.codebook ?? 65536);
    made += bytes.length;
    if (made > most) decoder.fail('limit', `records of ${made} bytes, more than the ${most} allowed`);
    const { codec, count, checksum } = place;
    return { entry: { codec, count, checksum, bytes: bytes.length }, bytes };
  });
  const { header: old } = before.start;
  return assembleFile(header ?? encodeHeader({ ...old, records: records.map(({ entry }) => entry) }), records);
}

/** What a new header says of records. */
function placesIn(header: Uint8Array, limits: Limits): LazyFile['records'] {
  const start = readStart(withChecksum([Uint8Array.of(...SIGNATURE, ...varint(header.length)), header]), limits);
  if (!start) corrupt('truncated', 0, 'the new header ends early');
  return start.blocks.flatMap((block) => block.records);
}

function makeRecord(
  decoder: ArithmeticDecoder,
  before: LazyFile,
  place: LazyFile['records'][number],
  mostEntries: number,
): Uint8Array {
  switch (codeBits(decoder, 0, 2)) {
    case COPY: {
      const number = codeGamma(decoder, 0);
      const copied = before.records[number];
      if (!copied) decoder.fail('number-out-of-range', `record ${number} of ${before.records.length}`);
      return before.recordBytes(copied);
    }
    case CHANGE: {
      const maker = codeBits(decoder, 0, 1);
      const forms = place.weights.map(({ name, shape }) => {
        const was = before.formOf(name, shape);
        if (!was) decoder.fail('not-a-delta', `a change of "${name}", which the old file has not in this shape`);
        return codeFormChange(decoder, was, mostEntries);
      });
      return (
        encodeRecord(maker, place, forms) ?? decoder.fail('not-a-delta', `no encoder makes "${place.codec}" of this`)
      );
    }
    case BYTES:
      return readBytes(decoder);
    default:
      return decoder.fail('number-out-of-range', 'a record made of nothing known');
  }
}

/** Grows as bytes come, so that a size that is a lie takes no memory: the decoder notices when its bytes are used up. */
function readBytes(decoder: ArithmeticDecoder): Uint8Array {
  const size = codeGamma(decoder, 0);
  const bytes: number[] = [];
  while (bytes.length < size) bytes.push(codeBits(decoder, 0, 8));
  return Uint8Array.from(bytes);
}
