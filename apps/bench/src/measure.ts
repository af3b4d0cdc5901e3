/** One side of a comparison. `enter` makes its world (which kernels are registered), `leave` undoes that. */
export interface Side {
  enter(): void;
  /** The unit of work that is timed; it ends when its result is in memory. */
  run(): void;
  leave(): void;
}

/** Ours against a peer, doing the same work. */
export interface Contest {
  readonly name: string;
  /** What we are compared with, in words. */
  readonly peer: string;
  readonly ours: Side;
  readonly theirs: Side;
  /** Runs of a side in one round, so that a round lasts long enough for the clock. */
  readonly runsPerRound: number;
  /** The ratio below which we have failed; null: reported only. */
  readonly must: number | null;
  /** The ratio that we aim for. */
  readonly goal: number | null;
}

/** The outcome of a contest. Values are times of one run, so that less is better. */
export interface Row {
  readonly name: string;
  readonly peer: string;
  readonly unit: 'ms';
  /** Medians over the rounds. */
  readonly ours: number;
  readonly peerValue: number;
  readonly oursMin: number;
  readonly peerMin: number;
  /** How many times faster ours is: the smaller of the ratio of medians and the ratio of minima. */
  readonly ratio: number;
  readonly must: number | null;
  readonly goal: number | null;
}

/**
 * Times both sides in interleaved rounds in this process, so that a busy moment of the machine falls on both.
 *
 * One round of each comes first and does not count: engines compile what they see often.
 */
export function measure(contest: Contest, rounds: number): Row {
  const { name, peer, ours, theirs, runsPerRound, must, goal } = contest;
  const times: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
  for (let round = -1; round < rounds; round++) {
    const [oursTook, theirsTook] = [timeRound(ours, runsPerRound), timeRound(theirs, runsPerRound)];
    if (round < 0) continue;
    times.ours.push(oursTook);
    times.theirs.push(theirsTook);
  }
  const [oursMedian, theirsMedian] = [median(times.ours), median(times.theirs)];
  const [oursMin, peerMin] = [Math.min(...times.ours), Math.min(...times.theirs)];
  const ratio = Math.min(theirsMedian / oursMedian, peerMin / oursMin);
  return { name, peer, unit: 'ms', ours: oursMedian, peerValue: theirsMedian, oursMin, peerMin, ratio, must, goal };
}

/** Milliseconds of one run. The first run after a change of kernels warms caches up and is not timed. */
function timeRound(side: Side, runs: number): number {
  side.enter();
  try {
    side.run();
    const start = performance.now();
    for (let i = 0; i < runs; i++) side.run();
    return (performance.now() - start) / runs;
  } finally {
    side.leave();
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
