import { describe, expect, test } from 'vitest';
import { errorsOf, METHODS } from '../test/two-layers.ts';

// Correlation of neighbouring inputs, and density. Errors are those of the whole network on examples that nothing was fitted to.
describe.each([
  [0, 0.5],
  [0, 0.3],
  [0, 0.15],
  [0.5, 0.5],
  [0.5, 0.3],
  [0.9, 0.3],
  [0.9, 0.15],
])('correlation %d, density %d', (correlation, density) => {
  const errors = errorsOf(correlation, density, METHODS, 1);
  const ours = errors['restore and refit']!;

  test('restoring and refitting leaves at most 0.65 of the error of magnitude pruning', () => {
    expect(ours).toBeLessThanOrEqual(0.65 * errors.magnitude!);
  });

  test('and is no worse than refitting what magnitude chose', () => {
    expect(ours).toBeLessThanOrEqual(1.02 * errors['magnitude and refit']!);
    if (correlation >= 0.5 && density <= 0.3) expect(ours).toBeLessThanOrEqual(0.9 * errors['magnitude and refit']!);
  });
});
