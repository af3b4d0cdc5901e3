import type { Outcome } from './fuzz.ts';

/** Adds up what came of two parts of a target's inputs. */
export function merged(one: Outcome, other: Outcome): Outcome {
  const errors: Record<string, number> = { ...one.errors };
  for (const [code, count] of Object.entries(other.errors)) errors[code] = (errors[code] ?? 0) + count;
  return {
    target: one.target,
    runs: one.runs + other.runs,
    accepted: one.accepted + other.accepted,
    errors,
    slowest: one.slowest.ms >= other.slowest.ms ? one.slowest : other.slowest,
    largest: one.largest.bytes >= other.largest.bytes ? one.largest : other.largest,
    failures: [...one.failures, ...other.failures],
  };
}
