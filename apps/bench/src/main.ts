import { parseArgs } from 'node:util';
import { type Entry, play, type Row } from './measure.ts';

/** Suites by name, loaded when asked for: each brings its own peers. */
const suites: Readonly<Record<string, () => Promise<Iterable<Entry> | AsyncIterable<Entry>>>> = {
  training: async () => (await import('./training.ts')).trainingContests(),
  coding: async () => (await import('./coding.ts')).codingEntries(),
  sizes: async () => (await import('./sizes.ts')).sizeEntries(),
  kernels: async () => (await import('./kernels.ts')).kernelEntries(),
  network: async () => (await import('./network.ts')).networkEntries(),
  crossover: async () => (await import('./crossover.ts')).crossoverEntries(),
  'sparse-training': async () => (await import('./sparse-training.ts')).sparseTrainingContests(),
};

const help = `pnpm bench [suite …] [--rounds N] [--json]

  suites      ${Object.keys(suites).join(', ')} (default: all)
  --rounds N  interleaved rounds of ours and the peer (default: what the row asks for, 7 to 50)
  --json      print {"rows":[…]} and nothing else
  --help      print this

Values are medians over the rounds, and beside each the best. ratio: how many times faster (or smaller) ours is, the
smaller of the ratio of the medians and the ratio of the best. must: the ratio below which the run fails.`;

async function main(): Promise<void> {
  const { names, rounds, json, showHelp } = readArguments();
  if (showHelp) {
    console.log(help);
    return;
  }
  if (json) console.log = console.info = console.warn = console.error; // libraries greet on stdout, which is for the JSON
  const rows: Row[] = [];
  for (const name of names) {
    for await (const entry of await suites[name]!()) {
      console.error(`${name}: ${entry.name}`);
      rows.push(await play(entry, rounds));
    }
  }
  if (json) process.stdout.write(`${JSON.stringify({ rows })}\n`);
  else console.log(table(rows));
  if (rows.some(({ ratio, must }) => must !== null && ratio < must)) process.exitCode = 1;
}

class UsageError extends Error {}

function readArguments() {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse();
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
  const { values, positionals } = parsed;
  const unknown = positionals.find((name) => !Object.hasOwn(suites, name));
  if (unknown !== undefined) {
    throw new UsageError(`no suite "${unknown}"; there are ${Object.keys(suites).join(', ')}`);
  }
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds >= 1)) {
    throw new UsageError(`"--rounds" expected a whole number from 1, got "${values.rounds}"`);
  }
  const names = positionals.length > 0 ? positionals : Object.keys(suites);
  return { names, rounds, json: values.json, showHelp: values.help };
}

const parse = () =>
  parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });

function table(rows: readonly Row[]): string {
  const cells = rows.map(({ name, unit, ours, peerValue, oursMin, peerMin, ratio, must, goal }) => [
    name,
    unit,
    ...[ours, oursMin, peerValue, peerMin, ratio].map((value) => value.toFixed(2)),
    must === null ? '–' : `${must}${ratio < must ? ' FAILED' : ''}`,
    goal === null ? '–' : `${goal}${ratio < goal ? ' missed' : ''}`,
  ]);
  const lines = [['', 'unit', 'ours', 'best', 'peer', 'best', 'ratio', 'must', 'goal'], ...cells];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const drawn = lines.map((line) =>
    line.map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  '),
  );
  const peers = [...new Set(rows.map(({ peer }) => peer))].map((peer) => `peer: ${peer}`);
  return [...drawn, '', ...peers].join('\n');
}

await main().catch((error: unknown) => {
  console.error(error instanceof UsageError ? `bench: ${error.message}\n\n${help}` : error);
  process.exitCode = 2;
});
