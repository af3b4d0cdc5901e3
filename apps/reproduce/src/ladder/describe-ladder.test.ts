import { expect, test } from 'vitest';
import { sampleResult } from '../report/_sample-result.ts';
import { describeLadder, ratioOf, stateOf, verdict } from './describe-ladder.ts';
import type { RowResult } from './ladder-result.ts';

const { ladder, result } = sampleResult();
const lines = describeLadder(ladder, result).split('\n');
const lineOf = (start: string): string => lines.find((line) => line.trim().startsWith(start)) ?? '';

test('sets published beside measured, and says where each comes from', () => {
  expect(lineOf('SqueezeNet v1.0, 6 bits')).toMatch(/0\.47 +510x +57\.5 % +80\.3 % +398,000 +613x .* carried$/);
  expect(lineOf('SqueezeNet v1.0, uint6')).toMatch(/653,587 .* computed$/);
  expect(lineOf('lenet-5')).toMatch(/5,244 +328\.8x of its own +0\.61 % → 0\.77 % +carried, full$/);
});

test('shows the tables that are meant for terminals, and no others', () => {
  const at = lines.indexOf('  SqueezeNet v1.0: bytes for nothing');
  expect(lines.slice(at + 1, at + 5).map((line) => line.trim())).toEqual([
    'free  ours',
    '────  ────',
    '200    100',
    'made up',
  ]);
  expect(lines.join()).not.toContain('only drawn');
});

test('what was not measured is said, and never taken from the published column', () => {
  expect(lineOf('AlexNet, pruned')).toMatch(/80\.3 % +26,000,000 +9\.4x +not judged +computed, generated$/);
  expect(lineOf('AlexNet, low rank')).toMatch(/79\.4 % +– +– +not run$/);
});

test('bounds are met, met with their goal, missed, or not measured', () => {
  const row = (extra: Partial<RowResult>): RowResult => ({ ...result.rows[3]!, ...extra });
  const bytes = { what: 'bytes', atMost: 420_000, goal: 360_000 } as const;
  expect(verdict(bytes, row({ bytes: 420_000 }))).toBe('yes');
  expect(verdict(bytes, row({ bytes: 360_000 }))).toBe('yes, and the goal');
  expect(verdict(bytes, row({ bytes: 420_001 }))).toBe('NO');
  expect(verdict(bytes, row({ bytes: 1, weights: 'generated' }))).toBe('–');
  expect(verdict({ what: 'seconds', atMost: 60 }, row({ seconds: 50, weights: 'generated' }))).toBe('yes');
  expect(verdict({ what: 'top-1 drop', atMost: 0.01 }, row({ judgement: null }))).toBe('–');
});

test('a drop of seven images of seven hundred is one point', () => {
  const accuracy = { top1: 0.5, top5: 0.7, original: { top1: 0.51, top5: 0.71 }, outcomes: '' };
  const judgement = {
    count: 700,
    agreement: 0.9,
    divergence: 0.1,
    accuracy: { ...accuracy, drop: { value: 7 / 700, low: 0, high: 0.02 } },
  };
  const row = { ...result.rows[3]!, judgement };
  expect(verdict({ what: 'top-1 drop', atMost: 0.01 }, row)).toBe('yes');
  expect(verdict({ what: 'top-5 drop', atMost: 0.01 }, row)).toBe('yes');
});

test('small networks have no ratio to AlexNet', () => {
  expect(ratioOf({ mode: 'smoke', ratio: 30_000, weights: 'generated' })).toBe('–');
  expect(ratioOf({ mode: 'quick', ratio: 510.4, weights: 'real' })).toBe('510x');
  expect([stateOf({ state: 'carried', weights: 'real' }), stateOf({ state: 'computed', weights: 'none' })]).toEqual([
    'carried',
    'computed (counted)',
  ]);
});
