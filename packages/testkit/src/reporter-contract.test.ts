import type { Report, Reporter } from '@pare/core';
import { expect, test } from 'vitest';
import { brokenPromises } from './_broken.ts';
import { describeReporter, reporterContract } from './reporter-contract.ts';

const sound: Reporter = {
  id: 'lines',
  extension: 'txt',
  render: ({ title, bytes, weights }) =>
    [
      `${title}: ${bytes} B`,
      ...weights.map(({ name, density, bytes: size }) => `${name} ${density} ${size ?? '–'}`),
    ].join('\n'),
};

describeReporter('sound', sound);

let calls = 0;
const broken: Readonly<Record<string, { reporter: Reporter; breaks: readonly RegExp[] }>> = {
  'an id of two words': { reporter: { ...sound, id: 'two words' }, breaks: [/^has an id/] },
  'an extension with its dot': { reporter: { ...sound, extension: '.txt' }, breaks: [/^has an id/] },
  'writes what is absent': {
    reporter: { ...sound, render: (report) => sound.render(report) + report.weights.map(({ codec }) => `${codec}`) },
    breaks: [/^makes text/],
  },
  'cannot do without weights': {
    reporter: { ...sound, render: (report) => sound.render(report) + report.weights[0]!.name },
    breaks: [/^makes text/, /^repeats itself/],
  },
  'says nothing': { reporter: { ...sound, render: () => '' }, breaks: [/^makes text/, /^tells reports apart/] },
  'says always the same': { reporter: { ...sound, render: () => 'done' }, breaks: [/^tells reports apart/] },
  counts: {
    reporter: { ...sound, render: (report) => `${sound.render(report)}${calls++}` },
    breaks: [/^repeats itself/],
  },
  'sorts the weights it was given': {
    reporter: {
      ...sound,
      render: (report) => {
        (report.weights as Report['weights'][number][]).sort((a, b) => (a.name < b.name ? 1 : -1));
        return sound.render(report);
      },
    },
    breaks: [/^repeats itself/],
  },
};

test.each(Object.entries(broken))('catches a reporter that is broken: %s', async (_, { reporter, breaks }) => {
  const found = await brokenPromises(reporterContract(reporter));
  expect(found).toHaveLength(breaks.length);
  for (const [i, promise] of breaks.entries()) expect(found[i]).toMatch(promise);
});
