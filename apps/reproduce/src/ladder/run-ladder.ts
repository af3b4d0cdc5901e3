import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { readIfThere, writeWhole } from '@pare/cli/whole-file';
import { type Model, type Random, seededRandom } from '@pare/core';
import { answersOf, startWasm } from '@pare/tfjs';
import { type Crops, centreCrops } from '../data/crops.ts';
import { type Fifth, holdBackFifth } from '../data/fifth.ts';
import type { ImageSet, ImageSetName } from '../data/image-set.ts';
import type { NetworkName } from '../data/networks.ts';
import { compareAnswers, type Statistics } from '../judgement/statistics.ts';
import { countJudgement, readJson } from '../judgement/tally.ts';
import { keepIn } from '../kept.ts';
import { committedResult } from '../places.ts';
import type { Mode } from '../recipe.ts';
import { writeLadderReport } from '../report/write-report.ts';
import { versions } from '../versions.ts';
import { besideResults } from './beside.ts';
import { fingerprint } from './fingerprint.ts';
import type { Ladder } from './ladder.ts';
import { ladderJson } from './ladder-json.ts';
import type { LadderResult, RowResult } from './ladder-result.ts';
import type { Material } from './material.ts';
import { ALEXNET_BYTES } from './published.ts';
import type { Row, RowContext } from './row.ts';

export interface RunLadderOptions {
  readonly mode: Mode;
  readonly seed: number;
  readonly material: Material;
  /** Receives the result, the report, each row's `.pare` file and result, and what rows keep for going on. */
  readonly folder: string;
  readonly resume: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: LadderProgress) => void;
  /** Rows to compute, by id; default those that the mode asks for. */
  readonly only?: readonly string[];
  /** Results to carry rows from, best first; default those committed for this ladder. */
  readonly committed?: readonly LadderResult[];
}

export interface LadderProgress {
  /** Title of the row. */
  readonly phase: string;
  readonly stage: string;
  /** Done share of all rows, 0 … 1. */
  readonly done: number;
}

/**
 * Computes rows one by one, judges each final file, and carries the others from committed results. A finished row is written at
 * once: with `resume` it is neither computed nor judged again.
 *
 * @throws RangeError if `only` names no row
 */
export async function runLadder(ladder: Ladder, options: RunLadderOptions): Promise<LadderResult> {
  const { mode, seed, material, folder, resume, signal, onProgress, only } = options;
  const { committed = committedResults(ladder.name) } = options;
  const started = performance.now();
  const chosen = chooseRows(ladder, mode, only);
  await startWasm();
  const bench = createBench(options, seededRandom(seed));
  let resumed = false;

  const made = new Map<string, RowResult>();
  for (const [index, row] of chosen.entries()) {
    signal.throwIfAborted();
    const report = (stage: string, fraction = 0): void =>
      onProgress({ phase: row.title, stage, done: (index + Math.min(1, Math.max(0, fraction))) / chosen.length });
    const key = rowKey(row, mode, seed, material);
    const path = join(folder, 'rows', `${row.id}.json`);
    const finished = resume ? readRow(path, key) : undefined;
    if (finished) {
      resumed = true;
      made.set(row.id, finished);
      continue;
    }
    report('starting');
    const result = await computeRow(row, { ...options, committed }, bench, report);
    writeWhole(path, `${JSON.stringify({ key, result })}\n`);
    made.set(row.id, result);
  }

  const rows = ladder.rows.flatMap((row) => made.get(row.id) ?? carriedRow(row.id, committed) ?? []);
  const result: LadderResult = {
    kind: 'ladder',
    recipe: ladder.name,
    mode,
    data: { source: material.source, note: material.note, sha256: material.sha256 },
    seed,
    versions: versions(),
    rows,
    beside: besideResults(ladder.beside ?? []),
    seconds: (performance.now() - started) / 1000,
    resumed,
  };
  writeWhole(join(folder, 'result.json'), ladderJson(result));
  onProgress({ phase: 'report', stage: 'drawing', done: 1 });
  writeLadderReport(join(folder, 'report.html'), ladder, result, await bench.titles());
  return result;
}

/** Part of every row's key: raised when old rows can no longer be taken for new ones. */
const ROWS = 1;

/** Describes what a finished row, or one in progress, belongs to. */
const rowKey = ({ id }: Row, mode: Mode, seed: number, { source, sha256 }: Material): string =>
  createHash('sha256')
    .update(JSON.stringify([ROWS, id, mode, seed, source, sha256]))
    .digest('hex');

function chooseRows(ladder: Ladder, mode: Mode, only: readonly string[] | undefined): readonly Row[] {
  if (!only && mode === 'smoke') return ladder.rows.filter(({ large }) => !large);
  if (!only) return ladder.rows.filter(({ runs }) => runs === 'always' || mode === 'full');
  const unknown = only.find((id) => !ladder.rows.some((row) => row.id === id));
  if (unknown !== undefined) {
    throw new RangeError(
      `unknown row "${unknown}" of ${ladder.name}: expected some of ${ladder.rows.map(({ id }) => id).join(', ')}`,
    );
  }
  return ladder.rows.filter(({ id }) => only.includes(id));
}

async function computeRow(
  row: Row,
  options: RunLadderOptions & { readonly committed: readonly LadderResult[] },
  bench: Bench,
  report: (stage: string, fraction?: number) => void,
): Promise<RowResult> {
  const { mode, seed, material, folder } = options;
  const started = performance.now();
  const made = await row.run(bench.context(row, report));
  const seconds = (performance.now() - started) / 1000;
  if (made.file) writeWhole(join(folder, `${row.id}.pare`), made.file);
  const { model } = made;
  const comparable = model && row.against !== undefined ? { model, against: row.against } : undefined;
  let heldBack: Statistics | null = null;
  let judgement: Statistics | null = null;
  let judged = 0;
  if (comparable) {
    report('answering held-back images', 1);
    heldBack = await bench.tryOut(comparable.model, comparable.against);
    report('answering the images that judge', 1);
    // Counted before looking, so that even a run that then fails has been counted.
    const known = options.committed.flatMap(({ rows }) =>
      rows.filter(({ id }) => id === row.id).map((each) => each.judged),
    );
    judged = material.source === 'real' ? countJudgement(join(folder, 'judged.json'), row.id, known) : 1;
    judgement = await bench.judge(comparable.model, comparable.against);
  }
  return {
    id: row.id,
    state: 'computed',
    weights: made.weights ?? material.source,
    mode,
    seed,
    bytes: made.bytes,
    ratio: ALEXNET_BYTES / made.bytes,
    against: comparable?.against ?? null,
    judgement,
    heldBack,
    judged,
    seconds: made.seconds ?? seconds,
    note: made.note ?? '',
    details: made.details ?? {},
  };
}

type Bench = ReturnType<typeof createBench>;

/** Keeps networks, images and the original networks' answers for as long as a run lasts. */
function createBench({ mode, seed, material, folder, resume, signal }: RunLadderOptions, random: Random) {
  const networks = new Map<NetworkName, Promise<Model>>();
  const sets = new Map<ImageSetName, Promise<ImageSet>>();
  const crops = new Map<string, Crops>();
  const network = (name: NetworkName): Promise<Model> => cached(networks, name, () => material.network(name));
  const images = (name: ImageSetName): Promise<ImageSet> => cached(sets, name, () => material.images(name, { signal }));
  const fifthOf = (set: ImageSet): Fifth => holdBackFifth(set.labels ?? set.images.length, random.fork('held back'));

  async function cropsFor(model: Model, what: 'calibration' | 'heldBack' | 'judges'): Promise<Crops> {
    const side = sideOf(model);
    const key = `${what} ${side}`;
    const known = crops.get(key);
    if (known) return known;
    const set = await images(what === 'judges' ? 'nips2017-dev' : 'imagenet-sample');
    const cut = centreCrops(set, side, what === 'judges' ? undefined : fifthOf(set)[what]);
    crops.set(key, cut);
    return cut;
  }

  /** The originals' answers are asked for by every row, and by every run that goes on: they are kept in the folder. */
  async function originalAnswers(name: NetworkName, what: 'heldBack' | 'judges', asked: Crops): Promise<Float32Array> {
    const key = JSON.stringify([fingerprint(await network(name)), asked.count, asked.shape]);
    return keepInFolder(`answers-${name}-${what}`, key, async () => answersOf(await network(name), asked, { signal }));
  }

  const keep = keepIn(join(folder, 'work'));
  const keepInFolder = <T>(name: string, asked: string, make: () => Promise<T>, known = true): Promise<T> =>
    keep(name, JSON.stringify([asked, material.sha256, random.fork('held back').uint32()]), make, known);

  async function compare(
    model: Model,
    against: NetworkName,
    what: 'heldBack' | 'judges',
    most = Number.POSITIVE_INFINITY,
  ): Promise<Statistics> {
    const whole = await cropsFor(model, what);
    const answersToAll = await originalAnswers(against, what, whole);
    const asked = firstOf(whole, most);
    const original = answersToAll.subarray(0, (answersToAll.length / whole.count) * asked.count);
    const same = fingerprint(model) === fingerprint(await network(against));
    const answers = same ? original : await answersOf(model, asked, { signal });
    return compareAnswers(answers, original, asked.labels, asked.count);
  }

  const things = new Map<string, Promise<unknown>>();
  const tryOut = (model: Model, against: NetworkName, count?: number) => compare(model, against, 'heldBack', count);
  const keptIn = (path: string, key: string): ReturnType<RowContext['kept']> => ({
    read<T>() {
      const bytes = resume ? readIfThere(path) : undefined;
      const saved = bytes && (deserialize(bytes) as { readonly key: string; readonly state: T });
      return saved?.key === key ? saved.state : undefined;
    },
    write: (state) => writeWhole(path, serialize({ key, state })),
  });
  const context = (row: Row, report: RowContext['report']): RowContext => ({
    kept: (name) => keptIn(join(folder, 'work', row.id, `${name}.bin`), rowKey(row, mode, seed, material)),
    mode,
    material: material.source,
    random: random.fork(row.id),
    signal,
    report,
    network,
    async pictures() {
      const set = await images('imagenet-sample');
      return { set, fifth: fifthOf(set) };
    },
    calibration: (model) => cropsFor(model, 'calibration'),
    heldBack: (model) => cropsFor(model, 'heldBack'),
    tryOut,
    shared: <T>(name: string, key: string, make: () => Promise<T>) =>
      cached(things, name, () => keepInFolder(name, key, make, resume)) as Promise<T>,
    once: <T>(name: string, make: () => Promise<T>) => cached(things, name, make) as Promise<T>, // whoever uses a name knows its type
  });
  return {
    context,
    tryOut,
    judge: (model: Model, against: NetworkName) => compare(model, against, 'judges'),
    titles: async (): Promise<readonly string[]> => (await images('nips2017-dev')).titles,
  };
}

function firstOf({ pixels, labels, count, shape }: Crops, most: number): Crops {
  if (most >= count) return { pixels, ...(labels && { labels }), count, shape };
  const size = pixels.length / count;
  return {
    pixels: pixels.subarray(0, most * size),
    ...(labels && { labels: labels.subarray(0, most) }),
    count: most,
    shape,
  };
}

function cached<K, V>(map: Map<K, Promise<V>>, key: K, make: () => Promise<V>): Promise<V> {
  const known = map.get(key);
  if (known) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/** Pixels a side of a network's input. */
function sideOf(model: Model): number {
  const side = model.layers.find(({ kind }) => kind === 'input')?.outputShape[1];
  if (side === undefined)
    throw new RangeError('runLadder: a network without an input of pixels cannot be judged on images');
  return side;
}

function readRow(path: string, key: string): RowResult | undefined {
  const saved = readJson<{ readonly key: string; readonly result: RowResult }>(path);
  return saved?.key === key ? saved.result : undefined;
}

/** What is committed for a ladder: the long run first, then the short one. */
function committedResults(ladder: string): readonly LadderResult[] {
  return (['full', 'quick'] as const).flatMap((mode) => {
    return readJson<LadderResult>(committedResult(ladder, mode, 1)) ?? [];
  });
}

const carriedRow = (id: string, committed: readonly LadderResult[]): RowResult | undefined => {
  const row = committed.flatMap(({ rows }) => rows).find((each) => each.id === id);
  return row && { ...row, state: 'carried' };
};
