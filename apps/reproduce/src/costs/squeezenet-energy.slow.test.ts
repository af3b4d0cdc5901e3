import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@pare/core';
import { afterAll, expect, test } from 'vitest';
import { smallMaterial } from '../ladder/material.ts';
import { METHODS, squeezenetEnergy } from './squeezenet-energy.ts';

const folder = mkdtempSync(join(tmpdir(), 'pare-squeezenet-energy-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const study = (resume: boolean, stages: string[]) =>
  squeezenetEnergy(smallMaterial(), {
    random: seededRandom(1),
    signal: new AbortController().signal,
    report: (stage) => void stages.push(stage),
    folder,
    resume,
    divergences: [0.02],
    tries: 3,
    counted: 4,
  });

test('a small network: every way stays within, ours with the least energy; and goes on from what was kept', async () => {
  const { dense, pruned, attempts, counts } = await study(false, []);
  expect(pruned.map(({ method }) => method)).toEqual(Object.keys(METHODS));
  for (const { heldBack, cost } of pruned) {
    expect(heldBack.divergence).toBeLessThanOrEqual(0.02);
    expect(cost.energyPj).toBeLessThan(dense.energyPj);
  }
  const [ours, magnitude] = pruned.map(({ cost }) => cost.energyPj);
  expect(ours!).toBeLessThan(0.95 * magnitude!);
  expect(attempts.length).toBeLessThanOrEqual(3 * pruned.length);
  expect(counts).toEqual({ calibration: 32, heldBack: 8, judges: 40 });

  const stages: string[] = [];
  const again = await study(true, stages);
  expect(again).toEqual({ dense, pruned, attempts, counts });
  expect(stages.filter((stage) => stage.includes('what each layer bears'))).toEqual([]);
}, 60_000);
