import { expect, test } from 'vitest';
import type { Recipe } from './recipe.ts';
import { recipeNamed, recipes } from './recipes.ts';

const training = recipes.filter((recipe): recipe is Recipe => !('kind' in recipe));

test.each(training.map((recipe) => [recipe.name, recipe] as const))('%s names phases that it has', (_name, recipe) => {
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
});

test('recipes are named in the error about one that is not', () => {
  expect(() => recipeNamed('lenet')).toThrow(
    /^unknown recipe "lenet": expected one of alexnet-to-squeezenet, .*lenet-300-100, .*lenet-5, .*or a file such as/,
  );
});
