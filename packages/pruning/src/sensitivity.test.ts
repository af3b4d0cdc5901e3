import { type Model, weightOf } from '@pare/core';
import { difference, smallNetwork, withForm } from '@pare/testkit';
import { describe, expect, test } from 'vitest';
import { densityOf } from './density.ts';
import { chooseDensities, sensitivityScan } from './sensitivity.ts';

const model = smallNetwork();
/** The error is the pruned share of conv1 and a tenth of that of ip1. */
const evaluate = (judged: Model) => {
  const pruned = (name: string) => 1 - densityOf(weightOf(judged, name).form as never);
  return Promise.resolve({ error: Math.min(1, 0.1 + pruned('conv1/kernel') + pruned('ip1/kernel') / 10) });
};

describe('sensitivityScan', () => {
  test('prunes one kernel at a time and leaves the model alone', async () => {
    const before = structuredClone(model);
    const scan = await sensitivityScan(model, { densities: [0.5, 1], evaluate });
    expect(scan.baseline).toBe(0.1);
    expect(scan.curves.map(({ weight, layer }) => [weight, layer])).toEqual([
      ['conv1/kernel', 'conv1'],
      ['ip1/kernel', 'ip1'],
      ['ip2/kernel', 'ip2'],
    ]);
    expect(scan.curves.map(({ points }) => points.map(({ error }) => error))).toEqual([
      [0.1, 0.6],
      [0.1, 0.15000000000000002],
      [0.1, 0.1],
    ]);
    expect(difference(before, model)).toBeUndefined();
  });

  test('says how far it is, and stops when told to', async () => {
    const fractions: number[] = [];
    const stop = new AbortController();
    const scanning = sensitivityScan(model, {
      densities: [0.5, 0.25],
      evaluate,
      signal: stop.signal,
      onPoint(_weight, _point, fraction) {
        fractions.push(fraction);
        if (fractions.length === 3) stop.abort(new Error('enough'));
      },
    });
    await expect(scanning).rejects.toThrow('enough');
    expect(fractions).toEqual([1 / 6, 2 / 6, 3 / 6]);
  });

  test('refuses densities outside their range, shared weights and NaN, naming the weight', async () => {
    await expect(sensitivityScan(model, { densities: [0], evaluate })).rejects.toThrow(
      'expected 0 < density ≤ 1, got 0',
    );
    await expect(sensitivityScan(model, { densities: [0.5], evaluate, select: 'fc' })).rejects.toThrow(
      'sensitivityScan: "select" takes none of the weights: conv1/kernel',
    );
    const shared = smallNetwork({ kind: 'shared' });
    await expect(sensitivityScan(shared, { densities: [0.5], evaluate: async () => ({ error: 0 }) })).rejects.toThrow(
      '"conv1/kernel" expected a dense or masked weight, got a shared one',
    );
    const broken = withForm(model, 'ip1/kernel', () => ({
      kind: 'dense',
      values: new Float32Array(60).fill(Number.NaN),
    }));
    await expect(sensitivityScan(broken, { densities: [0.5], evaluate })).rejects.toThrow('weight "ip1/kernel"');
  });
});

describe('chooseDensities', () => {
  const curve = (errors: readonly number[]) => ({
    weight: 'w',
    points: errors.map((error, i) => ({ density: 1 / (i + 1), error })),
  });
  const choose = (errors: readonly number[]) => chooseDensities({ baseline: 0.1, curves: [curve(errors)] }, 0.02).w;

  test('takes the least density before the error rises too far', () => {
    expect(choose([0.1, 0.11, 0.12, 0.2])).toBe(1 / 3);
    expect(choose([0.1, 0.3, 0.1])).toBe(1); // what lies beyond a bad point is luck
    expect(choose([0.3, 0.3])).toBe(1);
    expect(choose([])).toBe(1);
    expect(choose([0.1, Number.NaN])).toBe(1);
  });

  test('refuses a negative tolerance', () =>
    expect(() => chooseDensities({ baseline: 0, curves: [] }, -1)).toThrow('"toleratedRise" expected ≥ 0, got -1'));
});
