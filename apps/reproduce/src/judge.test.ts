import { describe, expect, test } from 'vitest';
import { duration } from './display.ts';
import { choose } from './judge.ts';
import type { Recipe } from './recipe.ts';
import { recipeNamed, recipes } from './recipes.ts';

const network = (phase: string, fileBytes: number, validationError: number) => ({ phase, fileBytes, validationError });
const measured = [network('dense', 1000, 0.006), network('shared', 50, 0.007), network('further', 30, 0.009)];

describe('the final network', () => {
  test('is that of the last phase', () => {
    expect(choose(measured, {}).phase).toBe('further');
  });

  test('is the smallest file that loses no more than allowed on held-back examples', () => {
    const among = ['shared', 'further'];
    expect(choose(measured, { final: { among, heldBackRiseAtMost: 0.002 } }).phase).toBe('shared');
    expect(choose(measured, { final: { among, heldBackRiseAtMost: 0.003 } }).phase).toBe('further');
  });

  test('is the one with the least held-back error where none is within', () => {
    const among = ['shared', 'further'];
    expect(choose(measured, { final: { among, heldBackRiseAtMost: 0 } }).phase).toBe('shared');
  });
});

describe('recipes', () => {
  const training = recipes.filter((recipe): recipe is Recipe => !('kind' in recipe));
  test.each(training.map((recipe) => [recipe.name, recipe] as const))(
    '%s names phases that it has',
    (_name, recipe) => {
      for (const mode of ['smoke', 'quick', 'full'] as const) {
        const phases = recipe.phases(mode);
        const names = phases.map(({ name }) => name);
        expect(new Set(names).size).toBe(names.length);
        phases.forEach(({ from }, i) => {
          if (from !== undefined) expect(names.slice(0, i)).toContain(from);
        });
        const named = [...recipe.claims.map(({ after }) => after ?? names[0]!), ...(recipe.final?.among ?? [])];
        for (const name of named) expect(names).toContain(name);
      }
    },
  );

  test('are named in the error about one that is not', () => {
    expect(() => recipeNamed('lenet')).toThrow(
      /^unknown recipe "lenet": expected one of alexnet-to-squeezenet, .*lenet-300-100, .*lenet-5, .*or a file such as/,
    );
  });
});

test.each([
  [0, '0 s'],
  [75, '1 min 15 s'],
  [7260, '2 h 01 min'],
])('%d seconds are said as people do', (seconds, said) => {
  expect(duration(seconds)).toBe(said);
});
