import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Contest, play, type Side, symbolsPerSecond } from './measure.ts';

let now = 0;
beforeEach(() => {
  now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => vi.restoreAllMocks());

/** A side whose timed runs take so many milliseconds, one after the other; the run before each, which warms up, takes a thousand. */
function side(times: readonly number[], told: string[] = [], name = ''): Side {
  let runs = 0;
  return {
    enter: () => void told.push(`enter ${name}`),
    run() {
      now += runs % 2 === 0 ? 1000 : times[runs >> 1]!;
      runs++;
    },
    leave: () => void told.push(`leave ${name}`),
  };
}

const contest = (ours: Side, theirs: Side, more: Partial<Contest> = {}): Contest => ({
  ...{ name: 'a row', peer: 'somebody', ours, theirs, rounds: 3, must: 1, goal: null },
  ...more,
});

describe('a contest', () => {
  test('takes turns, leaves out the first round and each warming run, and tells the smaller ratio', async () => {
    const told: string[] = [];
    const row = await play(contest(side([99, 10, 2, 4], told, 'us'), side([99, 8, 8, 6], told, 'them')), undefined);
    expect(row).toMatchObject({ ours: 4, peerValue: 8, oursMin: 2, peerMin: 6, unit: 'ms' });
    expect(row.ratio).toBe(2); // of the medians; that of the least times is 3
    expect(told.slice(0, 4)).toEqual(['enter us', 'leave us', 'enter them', 'leave them']);
    expect(told).toHaveLength(4 * 4);
  });

  test('may be told another number of rounds, and values as rates', async () => {
    const row = await play(contest(side([9, 2]), side([9, 4]), { unit: symbolsPerSecond(8000) }), 1);
    expect(row).toMatchObject({ ours: 4, peerValue: 2, ratio: 2, unit: 'M symbols/s' });
  });
});

test('a limit stands in the place of the peer', async () => {
  const values = [5, 3, 4];
  const trial = () => values.shift()!;
  const row = await play({ name: 'time', unit: 's', limit: 8, trial, trials: 3 }, undefined);
  expect(row).toMatchObject({ ours: 4, oursMin: 3, peerValue: 8, ratio: 2, must: 1 });
});

test('bytes are compared as they are', async () => {
  const row = await play({ name: 'size', peer: 'brotli', ours: 100, theirs: 150, must: 1, goal: 2 }, 7);
  expect(row).toMatchObject({ ours: 100, oursMin: 100, peerValue: 150, ratio: 1.5, unit: 'B' });
});
