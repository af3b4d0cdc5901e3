import {
  checkModel,
  type ImportedModel,
  type Importer,
  type ImportSource,
  MissingPartError,
  seededRandom,
} from '@pare/core';
import { type ContractCase, demand, describeContract } from './contract.ts';
import { difference } from './same.ts';

/** Files that an importer reads, and what is to come of them. */
export interface ImporterSample {
  /** What it is, for messages. */
  readonly name: string;
  /** By name, relative to a common folder; the first is the one that is named to the importer. Small: all of it gets damaged. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** What each note is to contain, in order; default none: everything can be represented. */
  readonly notes?: readonly string[];
  /** Throws if the model is not the one that was meant. */
  readonly check?: (imported: ImportedModel) => void;
}

export interface ImporterContractOptions {
  readonly samples: readonly ImporterSample[];
  /** Files that it must not take for its own, beside a few of everyone's. */
  readonly strangers?: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  /** A clock, in ms, to time each reading of damaged files; default none, and no limit: a busy machine is nobody's fault. */
  readonly now?: () => number;
  /** Longest a single reading of damaged files may take by that clock, in ms; default 1000. */
  readonly limitMs?: number;
  /** Of the chance in the checks; default 1. */
  readonly seed?: number;
  /** Damaged files for each file of each sample and each kind of damage; default 300. */
  readonly runs?: number;
}

/** Registers the contract of importers with vitest. */
export function describeImporter(name: string, importer: Importer, options: ImporterContractOptions): void {
  describeContract(`importer ${name}`, importerContract(importer, options));
}

/** The contract of importers, as plain functions. */
export function importerContract(importer: Importer, options: ImporterContractOptions): readonly ContractCase[] {
  const { samples, strangers = [], now = () => 0, limitMs = 1000, seed = 1, runs = 300 } = options;

  /** Each check gets copies of its own: one that changes them harms no other. */
  const eachSample = async (check: (sample: ImporterSample) => void | Promise<void>): Promise<void> => {
    for (const sample of samples) await check({ ...sample, files: structuredClone(sample.files) });
  };

  /** Reads what may be damaged: the outcome must be a model that hangs together or one of two errors, within the limit. */
  const readHostile = async (
    source: ImportSource,
    what: string,
    allowed = ['CorruptDataError', 'MissingPartError'],
  ): Promise<void> => {
    const begin = now();
    let imported: ImportedModel | undefined;
    try {
      imported = await importer.read(source);
    } catch (error) {
      demand(
        error instanceof Error && allowed.includes(error.name),
        () => `${what}: expected a ${allowed.join(' or ')}, got ${error}`,
      );
    }
    const took = now() - begin;
    demand(took <= limitMs, () => `${what}: took ${Math.round(took)} ms, limit ${limitMs}`);
    if (imported) {
      try {
        checkModel(imported.model);
      } catch (error) {
        throw new Error(`${what}: ${error}`);
      }
    }
  };

  /** Damages each file of each sample in turn. */
  const eachDamage = (damages: (bytes: Uint8Array, name: string) => Iterable<readonly [Uint8Array, string]>) =>
    eachSample(async ({ name, files }) => {
      for (const [file, bytes] of files) {
        for (const [damaged, what] of damages(bytes, `${name} ${file}`)) {
          await readHostile(sourceOf(new Map(files).set(file, damaged)), `${name}: "${file}" ${what}`);
        }
      }
    });

  return [
    {
      name: 'has an id for a command line and extensions without dots',
      check() {
        demand(/^[a-z0-9][a-z0-9-]*$/.test(importer.id), () => `"id" expected like my-format, got ${importer.id}`);
        const wrong = importer.extensions.find((extension) => !/^[a-z0-9_]+$/.test(extension));
        demand(wrong === undefined, () => `"extensions" expected like "npz", got "${wrong}"`);
      },
    },
    {
      name: 'recognizes its own files',
      check: () =>
        eachSample(({ name, files }) =>
          demand(importer.recognizes(sourceOf(files)), () => `${name}: not recognized as ${importer.id}`),
        ),
    },
    {
      name: 'recognizes nothing else',
      check() {
        for (const stranger of [...STRANGERS, ...strangers]) {
          demand(!importer.recognizes(stranger), () => `takes "${stranger.name}" for its own`);
        }
      },
    },
    {
      name: 'tells its files without throwing, however they are cut',
      check: () =>
        eachSample(({ files }) => {
          const { name, bytes } = sourceOf(files);
          for (const length of positions(bytes.length, runs))
            importer.recognizes({ name, bytes: bytes.subarray(0, length) });
        }),
    },
    {
      name: 'reads models that hang together, and says what it left out',
      check: () =>
        eachSample(async ({ name, files, notes = [], check }) => {
          const imported = await importer.read(sourceOf(files));
          checkModel(imported.model);
          const said = imported.notes.map((note) => `\n  ${note}`).join('');
          demand(
            imported.notes.length === notes.length && notes.every((note, i) => imported.notes[i]!.includes(note)),
            () =>
              `${name}: expected ${notes.length} notes with [${notes.join(', ')}], got ${imported.notes.length}:${said}`,
          );
          check?.(imported);
        }),
    },
    {
      name: 'reads the same twice, and leaves the files untouched',
      check: () =>
        eachSample(async ({ name, files }) => {
          const before = structuredClone(files);
          const first = structuredClone(await importer.read(sourceOf(files)));
          const differs =
            difference(first, await importer.read(sourceOf(files)), 'imported') ??
            [...files].map(([file, bytes]) => difference(before.get(file), bytes.slice(), file)).find(Boolean);
          demand(differs === undefined, () => `${name}: ${differs}`);
        }),
    },
    {
      name: 'reads from the middle of a larger buffer, at odd offsets',
      check: () =>
        eachSample(async ({ name, files }) => {
          const expected = await importer.read(sourceOf(files));
          for (const offset of [1, 2, 3, 5]) {
            const inside = [...files].map(([file, bytes]) => {
              const larger = new Uint8Array(bytes.length + offset + 7).fill(0xa5);
              larger.set(bytes, offset);
              return [file, larger.subarray(offset, offset + bytes.length)] as const;
            });
            const differs = difference(expected, await importer.read(sourceOf(new Map(inside))), 'imported');
            demand(differs === undefined, () => `${name} at offset ${offset}: ${differs}`);
          }
        }),
    },
    {
      name: 'does without a file beside it, or says that it is absent',
      check: () =>
        eachSample(async ({ name, files }) => {
          for (const absent of [...files.keys()].slice(1)) {
            const rest = new Map(files);
            rest.delete(absent);
            await readHostile(sourceOf(rest), `${name} without "${absent}"`, ['MissingPartError']);
          }
        }),
    },
    {
      name: 'survives every truncation',
      check: () =>
        eachDamage(function* (bytes) {
          for (const length of positions(bytes.length, runs)) {
            yield [bytes.slice(0, length), `cut to ${length} of ${bytes.length} bytes`];
          }
        }),
    },
    {
      name: 'survives flipped bits',
      check: () =>
        eachDamage(function* (bytes, name) {
          const random = seededRandom(seed).fork(name);
          for (let run = 0; run < runs && bytes.length > 0; run++) {
            const bit = random.integer(8 * bytes.length);
            const damaged = bytes.slice();
            damaged[bit >>> 3]! ^= 1 << (bit & 7);
            yield [damaged, `with bit ${bit} flipped`];
          }
        }),
    },
    {
      // Lengths and counts are where harm is done: the ends of their range, of one to eight bytes, at any place.
      name: 'survives extreme numbers anywhere',
      check: () =>
        eachDamage(function* (bytes, name) {
          const random = seededRandom(seed).fork(`${name} extremes`);
          for (let run = 0; run < runs && bytes.length > 0; run++) {
            const at = random.integer(bytes.length);
            const extreme = EXTREMES[random.integer(EXTREMES.length)]!;
            const damaged = bytes.slice();
            damaged.set(extreme.slice(0, bytes.length - at), at);
            yield [damaged, `with ${extreme} at byte ${at}`];
          }
        }),
    },
    {
      name: 'leaves the prototypes of all objects alone',
      async check() {
        await eachSample(async ({ files }) => void (await importer.read(sourceOf(files))));
        const added = [Object.prototype, Array.prototype].flatMap((prototype) => Object.keys(prototype));
        demand(added.length === 0, () => `added ${added.join(', ')} to a prototype`);
      },
    },
  ];
}

const EXTREMES: readonly (readonly number[])[] = [
  [0x00],
  [0xff],
  [0x7f, 0xff],
  [0xff, 0xff],
  [0x00, 0x00, 0x00, 0x00],
  [0xff, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0x7f],
  [0x00, 0x00, 0x00, 0x80],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
];

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

const STRANGERS: readonly { readonly name: string; readonly bytes: Uint8Array }[] = [
  { name: 'empty', bytes: new Uint8Array() },
  { name: 'one.byte', bytes: Uint8Array.of(0) },
  { name: 'zeros.bin', bytes: new Uint8Array(64) },
  { name: 'ones.bin', bytes: new Uint8Array(64).fill(255) },
  {
    name: 'picture.png',
    bytes: Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 73, 72, 68, 82),
  },
  { name: 'readme.md', bytes: ascii('# A model\n\nnot the model itself: { } : "layers"\n') },
  { name: 'package.json', bytes: ascii('{"name":"package","version":"1.0.0","files":["dist"]}') },
  { name: 'nothing.json', bytes: ascii('{}') },
  { name: 'network.pare', bytes: ascii('PARE\u0001\u0000\u0000\u0000\u0000') },
];

/** Makes a source of files in memory, the first being the one that is named. */
export function sourceOf(files: ReadonlyMap<string, Uint8Array>): ImportSource {
  const [[name, bytes] = ['', new Uint8Array()]] = files;
  return {
    name,
    bytes,
    sibling(other) {
      const found = files.get(other);
      if (found) return Promise.resolve(found);
      return Promise.reject(new MissingPartError('no-file', other, `"${name}" needs "${other}" beside it`));
    },
  };
}

/** Lengths to cut to: all of them, or `most` evenly spread, the shortest and the longest included. */
const positions = (length: number, most: number): readonly number[] =>
  Array.from({ length: Math.min(length, most) }, (_, i) =>
    length <= most ? i : Math.floor((i * (length - 1)) / (most - 1)),
  );
