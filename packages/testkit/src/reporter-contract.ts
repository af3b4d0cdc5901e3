import type { Report, Reporter } from '@pare/core';
import fc from 'fast-check';
import { type ContractCase, demand, describeContract } from './contract.ts';
import { difference } from './same.ts';

export interface ReporterContractOptions {
  /** Reports of your own beside the hard and the random ones. */
  readonly reports?: readonly Report[];
  /** Of the chance in the checks; default 1. */
  readonly seed?: number;
  /** Random reports for each promise; default 100. */
  readonly runs?: number;
}

/** Registers the contract of reporters with vitest. */
export function describeReporter(name: string, reporter: Reporter, options: ReporterContractOptions = {}): void {
  describeContract(`reporter ${name}`, reporterContract(reporter, options));
}

/** The contract of reporters, as plain functions. */
export function reporterContract(
  reporter: Reporter,
  { reports = [], seed = 1, runs = 100 }: ReporterContractOptions = {},
): readonly ContractCase[] {
  const onReports = (check: (report: Report) => void): void => {
    for (const report of [EMPTY, STRANGE, ...reports]) check(report);
    fc.assert(fc.property(anyReport, check), { seed, numRuns: runs });
  };
  return [
    {
      name: 'has an id and an extension that a command line can take',
      check() {
        demand(/^[a-z0-9][a-z0-9-]*$/.test(reporter.id), () => `"id" expected like my-report, got ${reporter.id}`);
        const { extension } = reporter;
        demand(/^[a-z0-9]+(\.[a-z0-9]+)*$/i.test(extension), () => `"extension" expected like md, got ${extension}`);
      },
    },
    {
      name: 'makes text of every report: of an empty network, with strange names, with numbers absent',
      check: () =>
        onReports((report) => {
          const text: unknown = reporter.render(report);
          demand(typeof text === 'string' && text !== '', () => `expected text, got ${JSON.stringify(text)}`);
          demand(!/\bundefined\b|\[object /.test(text as string), () => `something absent was written: ${text}`);
        }),
    },
    {
      name: 'tells reports apart',
      check() {
        const other = { ...STRANGE, weights: STRANGE.weights.map((weight) => ({ ...weight, density: 0.123 })) };
        const same = reporter.render(STRANGE) === reporter.render({ ...other, bytes: 7, title: 'other' });
        demand(!same, () => 'two reports with other bytes, titles and densities gave the same text');
      },
    },
    {
      name: 'repeats itself, and leaves the report as it was',
      check: () =>
        onReports((report) => {
          const before = structuredClone(report);
          const first = reporter.render(report);
          demand(first === reporter.render(structuredClone(before)), () => 'the same report gave another text');
          const differs = difference(before, report, 'report');
          demand(differs === undefined, () => differs ?? '');
        }),
    },
  ];
}

const EMPTY: Report = { title: '', bytes: 0, originalBytes: 0, beside: [], weights: [], facts: [], notes: [] };

const STRANGE: Report = {
  title: 'a|b <script>alert("1")</script>\r\n# `c`',
  bytes: 123_456_789,
  originalBytes: 987_654_321,
  beside: [{ name: 'uint8 + brotli −11', bytes: 1, relativeError: Number.MIN_VALUE }],
  relativeError: 0,
  weights: [
    { name: '*_[x](y)_*, "z"\n', shape: [], density: 0 },
    { name: '模型/核', shape: [1, 2, 3, 4], density: 1, bytes: 0, codec: 'x@1', relativeError: 2 },
  ],
  facts: [{ name: 'time', value: -0, unit: 's' }],
  notes: ['<!-- a note -->', ''],
};

const share = fc.double({ min: 0, max: 1, noNaN: true });
const count = fc.integer({ min: 0, max: 2 ** 40 });
/** Words that a reporter may write are not among the names: `undefined` there would be no fault of it. */
const text = fc.string({ maxLength: 20 }).filter((word) => !/undefined|\[object/.test(word));
const anyReport: fc.Arbitrary<Report> = fc.record(
  {
    title: text,
    bytes: count,
    originalBytes: count,
    beside: fc.array(fc.record({ name: text, bytes: count, relativeError: share }, { noNullPrototype: true }), {
      maxLength: 3,
    }),
    relativeError: share,
    weights: fc.array(
      fc.record(
        {
          name: text,
          shape: fc.array(fc.integer({ min: 0, max: 512 }), { maxLength: 4 }),
          density: share,
          bytes: count,
          codec: text,
          relativeError: share,
        },
        { requiredKeys: ['name', 'shape', 'density'], noNullPrototype: true },
      ),
      { maxLength: 4 },
    ),
    facts: fc.array(
      fc.record(
        { name: text, value: fc.double({ noNaN: true }), unit: text },
        { requiredKeys: ['name', 'value'], noNullPrototype: true },
      ),
      { maxLength: 3 },
    ),
    notes: fc.array(text, { maxLength: 2 }),
  },
  {
    requiredKeys: ['title', 'bytes', 'originalBytes', 'beside', 'weights', 'facts', 'notes'],
    noNullPrototype: true,
  },
);
