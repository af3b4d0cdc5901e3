import { describe, expect, test } from 'vitest';
import { mergeSettings, numberIn, perWeight } from './settings.ts';
import { parseSize } from './size.ts';

describe('perWeight', () => {
  test('takes one value for all, by type and by name', () => {
    const bits = perWeight(
      '--bits',
      ['6', 'conv2d=5', 'fire9/expand3x3=8'],
      numberIn('--bits', 1, 16, { named: true }),
    );
    expect(bits).toEqual({ default: 6, byType: { conv2d: 5 }, byName: { 'fire9/expand3x3': 8 } });
  });

  test('splits at the last "=", which a name may hold', () => {
    const bits = perWeight('--bits', ['a=b=4'], Number);
    expect(bits).toEqual({ byType: {}, byName: { 'a=b': 4 } });
  });

  test('takes names such as __proto__ for names', () => {
    const bits = perWeight('--bits', ['__proto__=4'], Number) as { byName: Record<string, number> };
    expect(Object.entries(bits.byName)).toEqual([['__proto__', 4]]);
  });

  test('refuses two answers to one question', () => {
    expect(() => perWeight('--bits', ['6', '7'], Number)).toThrow('--bits says twice what holds for all weights');
    expect(() => perWeight('--bits', ['ip1=6', 'ip1=7'], Number)).toThrow('what holds for ip1');
  });

  test.each(['', ' ', 'x', '0', '17', 'NaN', 'ip1='])('refuses %j for 1 to 16', (word) => {
    expect(() => perWeight('--bits', [word], numberIn('--bits', 1, 16, { named: true }))).toThrow(
      /--bits expected a number from 1 to 16, or NAME=NUMBER, got/,
    );
  });
});

test('numberIn promises no names where there are none, and says what is counted', () => {
  expect(() => numberIn('--rounds', 1, 9, { whole: true })('1.5')).toThrow(
    '--rounds expected a whole number from 1 to 9, got "1.5"',
  );
  expect(() => numberIn('--max-drift', 0, 1, { kind: 'nats' })('x')).toThrow('--max-drift expected nats from 0 to 1');
});

describe('parseSize', () => {
  test.each([
    ['400', 400],
    ['400kB', 400_000],
    ['400 KiB', 409_600],
    ['1.5MB', 1_500_000],
    ['0.25mib', 262_144],
  ])('%s', (text, size) => expect(parseSize('--target-size', text)).toBe(size));

  test.each(['', '0', '-4', 'kB', '4 parsecs', '1e9', '4constructor'])('refuses %j', (text) => {
    expect(() => parseSize('--target-size', text)).toThrow('--target-size expected a size such as 400kB');
  });
});

describe('mergeSettings', () => {
  test('lets the command line decide, weight by weight', () => {
    const merged = mergeSettings(
      { bits: { default: 6, byName: { ip1: 4 } }, coding: 'fast' },
      { bits: { byName: { ip2: 8 } }, coding: 'small' },
    );
    expect(merged).toEqual({ bits: { default: 6, byType: {}, byName: { ip1: 4, ip2: 8 } }, coding: 'small' });
  });

  test('how much is pruned is said in one of two ways, on the line in place of the file', () => {
    expect(mergeSettings({ density: 0.3 }, { multiplications: 0.5 })).toEqual({ multiplications: 0.5 });
    expect(mergeSettings({ multiplications: 0.5 }, { density: 0.3 })).toEqual({ density: 0.3 });
  });

  test('an aim on the command line takes the place of another aim or bits in the file', () => {
    expect(mergeSettings({ snr: 40, bits: 6, biases: 'float16' }, { targetSize: 1000 })).toEqual({
      targetSize: 1000,
      biases: 'float16',
    });
    expect(mergeSettings({ targetSize: 1000, biases: 'float16' }, { maxDrop: 0.01 })).toEqual({
      maxDrop: 0.01,
      biases: 'float16',
    });
  });
});
