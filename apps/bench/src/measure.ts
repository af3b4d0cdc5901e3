/** One side of a comparison. `enter` makes its world (which kernels are registered), `leave` undoes that. */
export interface Side {
  enter?(): void;
  /** The unit of work that is timed; it ends when its result is in memory: what it returns is waited for if it is a promise. */
  run(): unknown;
  leave?(): void;
  /** Runs in one round, if not those of the contest: a side that is much faster needs more of them to be timed well. */
  readonly runs?: number;
}

/** What the values of a row are. */
export interface Unit {
  readonly name: 'ms' | 's' | 'GB' | 'M symbols/s' | 'B' | 'ns';
  /** Whether the greater number is the better one. */
  readonly more: boolean;
  /** The value of a run that took so many milliseconds. */
  readonly of: (milliseconds: number) => number;
}

const milliseconds: Unit = { name: 'ms', more: false, of: (time) => time };

/** Symbols a second, of a run that decodes so many. */
export const symbolsPerSecond = (count: number): Unit => ({
  name: 'M symbols/s',
  more: true,
  of: (time) => count / 1e3 / time,
});

/** Ours against a peer, doing the same work. */
export interface Contest {
  readonly name: string;
  /** What we are compared with, in words. */
  readonly peer: string;
  readonly ours: Side;
  readonly theirs: Side;
  /** Runs of a side in one round, so that a round lasts long enough for the clock. Default 1. */
  readonly runsPerRound?: number;
  /** How many rounds unless told otherwise. Default 7. */
  readonly rounds?: number;
  /** Empties caches: called before each round instead of a run that fills them, so that weights come from memory. */
  readonly cold?: () => void;
  /** Default {@link milliseconds}. */
  readonly unit?: Unit;
  /** The ratio below which we have failed; null: reported only. */
  readonly must: number | null;
  /** The ratio that we aim for. */
  readonly goal: number | null;
}

/** The outcome of a contest: values of one run, in units of which more or less is better. */
export interface Row {
  readonly name: string;
  readonly peer: string;
  readonly unit: Unit['name'];
  /** Medians over the rounds. */
  readonly ours: number;
  readonly peerValue: number;
  /** The best of the rounds: the least time, the greatest rate. */
  readonly oursMin: number;
  readonly peerMin: number;
  /** How many times faster (or smaller) ours is: the smaller of the ratio of medians and the ratio of the best. */
  readonly ratio: number;
  readonly must: number | null;
  readonly goal: number | null;
}

/**
 * Times both sides in interleaved rounds in this process, so that a busy moment of the machine falls on both.
 *
 * One round of each comes first and does not count: engines compile what they see often.
 */
async function measure(contest: Contest, rounds = contest.rounds ?? 7): Promise<Row> {
  const { name, peer, ours, theirs, runsPerRound = 1, cold, unit = milliseconds, must, goal } = contest;
  const times: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
  for (let round = -1; round < rounds; round++) {
    const oursTook = await timeRound(ours, ours.runs ?? runsPerRound, cold);
    const theirsTook = await timeRound(theirs, theirs.runs ?? runsPerRound, cold);
    if (round < 0) continue;
    times.ours.push(oursTook);
    times.theirs.push(theirsTook);
  }
  const [oursMedian, theirsMedian] = [median(times.ours), median(times.theirs)];
  const [oursLeast, theirsLeast] = [Math.min(...times.ours), Math.min(...times.theirs)];
  return {
    name,
    peer,
    unit: unit.name,
    ours: unit.of(oursMedian),
    peerValue: unit.of(theirsMedian),
    oursMin: unit.of(oursLeast),
    peerMin: unit.of(theirsLeast),
    ratio: Math.min(theirsMedian / oursMedian, theirsLeast / oursLeast),
    must,
    goal,
  };
}

/** What is measured on its own and must stay within a limit, which stands in the place of the peer. */
export interface Bound {
  readonly name: string;
  readonly unit: Row['unit'];
  readonly limit: number;
  /** What one trial took. */
  readonly trial: () => number;
  readonly trials: number;
}

/** What is counted, not timed, and so the same in each round: bytes. */
export interface Count {
  readonly name: string;
  readonly peer: string;
  readonly ours: number;
  readonly theirs: number;
  readonly must: number | null;
  readonly goal: number | null;
}

/** A row to be. */
export type Entry = Contest | Bound | Count;

/** @param rounds - default: what the entry asks for */
export async function play(entry: Entry, rounds: number | undefined): Promise<Row> {
  if ('limit' in entry) return measureBound(entry, rounds);
  return isCount(entry) ? counted(entry) : measure(entry, rounds);
}

const isCount = (entry: Contest | Count): entry is Count => typeof entry.ours === 'number';

const counted = ({ name, peer, ours, theirs, must, goal }: Count): Row => ({
  name,
  peer,
  unit: 'B',
  ours,
  peerValue: theirs,
  oursMin: ours,
  peerMin: theirs,
  ratio: theirs / ours,
  must,
  goal,
});

function measureBound({ name, unit, limit, trial, trials }: Bound, rounds = trials): Row {
  const values = Array.from({ length: Math.min(rounds, trials) }, trial);
  const [ours, oursMin] = [median(values), Math.min(...values)];
  return {
    name,
    peer: 'none: the value is a limit',
    unit,
    ours,
    peerValue: limit,
    oursMin,
    peerMin: limit,
    ratio: limit / ours,
    must: 1,
    goal: null,
  };
}

/** Milliseconds of one run. The first run after a change of kernels warms caches up and is not timed, unless they are to be cold. */
async function timeRound(side: Side, runs: number, cold?: () => void): Promise<number> {
  side.enter?.();
  try {
    if (cold) cold();
    else await side.run();
    const start = performance.now();
    for (let i = 0; i < runs; i++) {
      const running = side.run();
      if (running instanceof Promise) await running; // nothing is waited for that is over
    }
    return (performance.now() - start) / runs;
  } finally {
    side.leave?.();
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
