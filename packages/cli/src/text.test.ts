import { expect, test } from 'vitest';
import { besideFloat32, decibels, extents, grouped, percent, table, times } from './text.ts';

test('sets numbers right and words left, without blanks at line ends', () => {
  expect(
    table(
      ['weight', 'bytes', 'codec'],
      [
        ['ip1', 1234567, 'a@1'],
        ['conv10/kernel', 5, 'b'],
      ],
    ),
  ).toBe(
    ['weight             bytes  codec', 'ip1            1,234,567  a@1', 'conv10/kernel          5  b'].join('\n'),
  );
});

test('a number stays one with its unit', () => {
  const rows = [
    ['a', '1.99 kB', '42.9 µJ', '65.8 µs'],
    ['b', '15.9 MB', '–', '1.20 10³ s'],
  ];
  expect(table(['', 'weights', 'energy', 'time'], rows)).toBe(
    ['   weights   energy        time', 'a  1.99 kB  42.9 µJ     65.8 µs', 'b  15.9 MB        –  1.20 10³ s'].join(
      '\n',
    ),
  );
});

test('a table without rows is its headings', () => expect(table(['a', 'b'], [])).toBe('a  b'));

test('says numbers as people read them', () => {
  expect(grouped(1244448.4)).toBe('1,244,448');
  expect(grouped(-0.2)).toBe('0');
  expect([0, 1, 0.334, 0.0052, 0.00004].map(percent)).toEqual(['0 %', '100 %', '33.4 %', '0.520 %', '0.0040 %']);
  expect([1.5, 9.876, 510.2].map(times)).toEqual(['1.50x', '9.88x', '510.2x']);
  expect(besideFloat32(100, 1372)).toBe('13.72x smaller than float32');
  expect(besideFloat32(300, 200)).toBe('1.50x larger than float32'); // a tiny file: its header
  expect(extents([64, 16, 3, 3])).toBe('64×16×3×3');
  expect(extents([])).toBe('scalar');
  expect([0.01, 0].map(decibels)).toEqual(['40.0 dB', 'exact']);
});
