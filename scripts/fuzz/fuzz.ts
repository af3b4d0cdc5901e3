import { seededRandom } from '../../packages/core/src/index.ts';
import type { AllocationCounter } from './allocations.ts';
import { mutate } from './mutate.ts';
import { expectCleanPrototypes, expectPlain } from './pollution.ts';
import type { Seed, Target } from './target.ts';

/** Longest that reading one input may take, in ms. */
const MOST_MS = 1000;

export interface FuzzOptions {
  readonly seed: number;
  /** Number of the first input; each has a number, by which it can be made again. */
  readonly from: number;
  readonly runs: number;
  /** A clock, in ms. */
  readonly now: () => number;
  /** Default: allocations are not counted. */
  readonly allocations?: AllocationCounter;
  /** Hears the number of each input before it is read. */
  readonly onInput?: (index: number) => void;
}

/** An input on which a reader broke its contract. */
export interface Failure {
  readonly target: string;
  readonly index: number;
  readonly made: string;
  readonly problem: string;
  readonly base64: string;
}

export interface Outcome {
  readonly target: string;
  readonly runs: number;
  /** Inputs that were read without an error. */
  readonly accepted: number;
  /** How often each error came, by its code. */
  readonly errors: Readonly<Record<string, number>>;
  readonly slowest: { readonly ms: number; readonly index: number };
  /** Most bytes of typed arrays while one input was read. */
  readonly largest: { readonly bytes: number; readonly index: number };
  readonly failures: readonly Failure[];
}

/** Reads damaged inputs and checks each time that the reader kept its contract. */
export async function fuzz(target: Target, options: FuzzOptions): Promise<Outcome> {
  const { seed, from, runs, now, allocations, onInput } = options;
  const seeds = await target.seeds();
  const all = seeds.map(({ bytes }) => bytes);
  const errors: Record<string, number> = {};
  const failures: Failure[] = [];
  let accepted = 0;
  let slowest = { ms: 0, index: from };
  let largest = { bytes: 0, index: from };

  for (let index = from; index < from + runs; index++) {
    onInput?.(index);
    const { bytes, random, told, what } = inputOf(target, seeds, all, seed, index);
    const untouched = allocations && bytes.slice();
    const read = async (): Promise<{ ms: number; problem: string | undefined }> => {
      allocations?.reset();
      const begin = now();
      let result: unknown;
      let caught: unknown;
      try {
        result = await target.read(bytes, told, random.fork('read'));
      } catch (error) {
        caught = error ?? 'undefined';
      }
      const ms = now() - begin;
      if (allocations && allocations.bytes > largest.bytes) largest = { bytes: allocations.bytes, index };
      let problem: string | undefined;
      try {
        if (caught !== undefined) problem = problemOf(target, caught);
        else expectPlain(result);
        expectCleanPrototypes();
      } catch (error) {
        problem = (error as Error).message;
      }
      if (caught === undefined) accepted++;
      else if (problem === undefined) {
        const code = codeOf(caught);
        errors[code] = (errors[code] ?? 0) + 1;
      }
      return { ms, problem };
    };
    let { ms, problem } = await read();
    // A busy machine is nobody's fault: what is slow twice is slow.
    if (ms > MOST_MS / 2) ms = Math.min(ms, (await read()).ms);
    if (ms > slowest.ms) slowest = { ms, index };
    problem ??=
      ms > MOST_MS
        ? `takes ${Math.round(ms)} ms, more than ${MOST_MS}`
        : allocations && allocations.bytes > target.mostBytes
          ? `takes ${allocations.bytes} bytes, more than ${target.mostBytes}`
          : untouched && !untouched.every((byte, i) => byte === bytes[i])
            ? 'writes into its input'
            : undefined;
    if (problem !== undefined) {
      const base64 = Buffer.from(bytes).toString('base64');
      failures.push({ target: target.name, index, made: what, problem, base64 });
    }
  }
  return { target: target.name, runs, accepted, errors, slowest, largest, failures };
}

/** Makes the input of a number: a seed, damaged, and in most cases with its checksums put right. */
function inputOf(
  target: Target,
  seeds: readonly Seed[],
  all: readonly Uint8Array[],
  seed: number,
  index: number,
): {
  readonly bytes: Uint8Array;
  readonly told: unknown;
  readonly what: string;
  readonly random: ReturnType<typeof seededRandom>;
} {
  const random = seededRandom(seed).fork(`${target.name} ${index}`);
  const { what, told, bytes: whole } = seeds[random.integer(seeds.length)]!;
  const intact = target.intact && random.integer(2) === 0 ? target.intact(told) : 0;
  const damaged = joined(whole.subarray(0, intact), mutate(random, whole.subarray(intact), all));
  const repaired = target.repair && random.integer(4) > 0;
  return {
    bytes: repaired ? target.repair!(damaged) : damaged,
    told,
    what: repaired ? `${what}, checksums repaired` : what,
    random,
  };
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

/** Undefined if it is an error that may be. */
function problemOf(target: Target, error: unknown): string | undefined {
  const { name, code } = error as { readonly name?: unknown; readonly code?: unknown };
  const typed = error instanceof Error && (name === 'CorruptDataError' || name === 'MissingPartError');
  if (typed && typeof code === 'string') return undefined;
  if (target.allows?.(error)) return undefined;
  if (!(error instanceof Error)) return `throws ${String(error)}`;
  const where =
    error.stack
      ?.split('\n')
      .find((line) => line.includes('/packages/'))
      ?.trim() ?? '';
  return name === 'Violation' ? error.message : `${error.name}: ${error.message} ${where}`;
}

const codeOf = (error: unknown): string => {
  const { name, code } = error as { readonly name: string; readonly code?: unknown };
  return typeof code === 'string' ? code : name;
};
