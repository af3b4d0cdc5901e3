import { type Decoder, type Encoder, elementCount, type Form, type Forms, type Shape, seededRandom } from '@pare/core';
import fc from 'fast-check';
import { isList } from './_samples.ts';
import { type ContractCase, demand, describeContract } from './contract.ts';
import { checkForm, formsOf, type Sample, type Samples } from './forms.ts';
import { difference, same } from './same.ts';

export interface CodecPair<F extends Form> {
  readonly encoder: Encoder<F>;
  readonly decoder: Decoder<F>;
}

export interface CodecContractOptions<F extends Form> {
  /** What to encode; default hard and random forms of the encoder's kind, if it is one of core's. */
  readonly forms?: Samples<F>;
  /** Throws if a form breaks its kind's own promises; default knows core's kinds. */
  readonly check?: (form: F, shape: Shape) => void;
  /** A clock, in ms, to time each decoding of damaged bytes; default none, and no limit: a busy machine is nobody's fault. */
  readonly now?: () => number;
  /** Longest a single decoding of a small payload may take by that clock, in ms; default 1000. */
  readonly limitMs?: number;
  /** Of the chance in the checks; default 1. */
  readonly seed?: number;
  /** Random forms for each check; default 100. */
  readonly runs?: number;
}

/** Registers the contract of codecs with vitest. */
export function describeCodec<F extends Form>(
  name: string,
  codec: CodecPair<F>,
  options: CodecContractOptions<F> = {},
): void {
  describeContract(`codec ${name}`, codecContract(codec, options));
}

/** The contract of codecs, as plain functions. */
export function codecContract<F extends Form>(
  { encoder, decoder }: CodecPair<F>,
  options: CodecContractOptions<F> = {},
): readonly ContractCase[] {
  const { now = () => 0, limitMs = 1000, seed = 1, runs = 100 } = options;
  // The kind of the encoder is the kind of F.
  const forms = options.forms ?? (formsOf(encoder.kind as keyof Forms) as unknown as fc.Arbitrary<Sample<F>>);
  const promises = options.check ?? ((form: F, shape: Shape) => checkForm(form, shape, encoder.kind));
  const random = seededRandom(seed).fork('codecContract');

  const onForms = (check: (sample: Sample<F>) => void, count = runs) => {
    if (isList(forms)) forms.forEach(check);
    else fc.assert(fc.property(forms, check), { seed, numRuns: count });
  };

  /** Decodes what may be damaged: the outcome must be a form of the right shape or a CorruptDataError, within the limit. */
  const decodeHostile = (bytes: Uint8Array, shape: Shape, what: string): F | undefined => {
    const begin = now();
    let form: F | undefined;
    try {
      form = decoder.decode(bytes, shape);
    } catch (error) {
      demand(
        error instanceof Error && error.name === 'CorruptDataError',
        () => `${what}: expected a CorruptDataError, got ${error}`,
      );
    }
    const took = now() - begin;
    demand(took <= limitMs, () => `${what}: took ${Math.round(took)} ms, limit ${limitMs}`);
    if (form) promises(form, shape);
    return form;
  };

  return [
    {
      name: 'has an id with a version, the same on both sides',
      check() {
        demand(/^[a-z0-9-]+@\d+$/.test(encoder.id), () => `"id" expected like name@1, got ${encoder.id}`);
        demand(encoder.id === decoder.id, () => `encoder is ${encoder.id}, decoder is ${decoder.id}`);
      },
    },
    {
      name: 'decodes what it encoded, to the bit',
      check: () =>
        onForms(({ form, shape }) => {
          const differs = difference(form, decoder.decode(encoder.encode(form, shape), shape), 'form');
          demand(differs === undefined, () => `shape [${shape.join(', ')}]: ${differs}`);
        }),
    },
    {
      name: 'decodes forms that keep the promises of their kind',
      check: () => onForms(({ form, shape }) => promises(decoder.decode(encoder.encode(form, shape), shape), shape)),
    },
    {
      name: 'makes the same bytes each time',
      check: () =>
        onForms(({ form, shape }) => {
          const bytes = encoder.encode(form, shape).slice();
          const differs =
            difference(bytes, encoder.encode(form, shape).slice(), 'bytes') ??
            difference(bytes, encoder.encode(decoder.decode(bytes, shape), shape).slice(), 're-encoded bytes');
          demand(differs === undefined, () => `${differs}`);
        }),
    },
    {
      name: 'leaves the form and the bytes untouched',
      check: () =>
        onForms(({ form, shape }) => {
          const before = structuredClone(form);
          const bytes = encoder.encode(form, shape);
          const copy = bytes.slice();
          decoder.decode(bytes, shape);
          const differs = difference(before, form, 'form') ?? difference(copy, bytes.slice(), 'bytes');
          demand(differs === undefined, () => `${differs}`);
        }),
    },
    {
      name: 'decodes from the middle of a larger buffer, at odd offsets',
      check: () =>
        onForms(({ form, shape }) => {
          const bytes = encoder.encode(form, shape);
          for (const offset of [1, 2, 3, 5]) {
            const larger = new Uint8Array(bytes.length + offset + 7).fill(0xa5);
            larger.set(bytes, offset);
            const differs = difference(
              form,
              decoder.decode(larger.subarray(offset, offset + bytes.length), shape),
              'form',
            );
            demand(differs === undefined, () => `at offset ${offset}: ${differs}`);
          }
        }),
    },
    {
      name: 'survives every truncation',
      check: () =>
        onForms(
          ({ form, shape }) => {
            const bytes = encoder.encode(form, shape);
            for (const length of positions(bytes.length)) {
              decodeHostile(bytes.slice(0, length), shape, `cut to ${length} of ${bytes.length} bytes`);
            }
          },
          Math.min(runs, 30),
        ),
    },
    {
      name: 'survives every flipped bit',
      check: () =>
        onForms(
          ({ form, shape }) => {
            const bytes = encoder.encode(form, shape).slice();
            for (const bit of positions(8 * bytes.length)) {
              bytes[bit >> 3]! ^= 1 << (bit & 7);
              decodeHostile(bytes, shape, `bit ${bit & 7} of byte ${bit >> 3} flipped`);
              bytes[bit >> 3]! ^= 1 << (bit & 7);
            }
          },
          Math.min(runs, 30),
        ),
    },
    {
      name: 'survives bytes that were never its own',
      check: () =>
        onForms(
          ({ shape }) => {
            for (const length of [0, 1, 2, 3, 4, 7, 8, 16, 40, 100]) {
              for (const fill of [() => 0, () => 0xff, () => 0x80, () => random.integer(256)]) {
                decodeHostile(Uint8Array.from({ length }, fill), shape, `${length} alien bytes`);
              }
            }
          },
          Math.min(runs, 20),
        ),
    },
    {
      name: 'survives being told another shape',
      check: () =>
        onForms(({ form, shape }) => {
          const bytes = encoder.encode(form, shape);
          const count = elementCount(shape);
          for (const other of [[0], [1], [count + 1], [Math.max(0, count - 1)], [2 * count + 3], [3, count + 1]]) {
            decodeHostile(bytes, other, `shape [${shape.join(', ')}] decoded as [${other.join(', ')}]`);
          }
        }),
    },
    {
      name: 'treats trailing bytes alike: always refused, or always ignored',
      check() {
        const seen = new Set<'refused' | 'ignored'>();
        onForms(
          ({ form, shape }) => {
            const bytes = encoder.encode(form, shape);
            for (const tail of [[0], [0xff], [0, 0, 0, 0], [1, 2, 3, 4, 5, 6, 7, 8, 9]]) {
              const decoded = decodeHostile(Uint8Array.of(...bytes, ...tail), shape, `${tail.length} trailing bytes`);
              demand(!decoded || same(form, decoded), () => `${tail.length} trailing bytes changed the form`);
              seen.add(decoded ? 'ignored' : 'refused');
            }
          },
          Math.min(runs, 30),
        );
        demand(seen.size < 2, () => 'trailing bytes were refused at one time and ignored at another');
      },
    },
  ];
}

/** All positions of a small payload; of a large one its first and last 128 and some 250 between. */
function positions(length: number): readonly number[] {
  if (length <= 512) return Array.from({ length }, (_, i) => i);
  const stride = Math.ceil((length - 256) / 250);
  return Array.from({ length }, (_, i) => i).filter((i) => i < 128 || i >= length - 128 || i % stride === 0);
}
