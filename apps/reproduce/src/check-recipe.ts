import type { Claim, Recipe } from './recipe.ts';

const MEASURES: readonly Claim['what'][] = ['compression', 'top-1 error', 'fewer weights'];

/**
 * Checks what a file exports as its recipe, before anything is trained: a slip in a claim would show only after it.
 *
 * @param file - for messages
 * @throws RangeError naming the part that is no recipe's, what was expected and what came
 */
export function checkRecipe(file: string, recipe: unknown): asserts recipe is Recipe {
  const wrong = (part: string, expected: string, got: unknown): RangeError => {
    const text = typeof got === 'function' ? 'a function' : (JSON.stringify(got) ?? 'nothing');
    return new RangeError(`${file}: ${part} expected ${expected}, got ${text}; see apps/reproduce/README.md`);
  };
  if (!isRecord(recipe)) throw wrong('the default export', 'a recipe', recipe);
  for (const part of ['name', 'title', 'source']) {
    if (typeof recipe[part] !== 'string') throw wrong(`"${part}"`, 'a text', recipe[part]);
  }
  for (const part of ['layers', 'phases']) {
    if (typeof recipe[part] !== 'function') throw wrong(`"${part}"`, 'a function that returns them', recipe[part]);
  }
  if (!isRecord(recipe.encode)) throw wrong('"encode"', 'options of encodeModel, {} for none', recipe.encode);
  if (!Array.isArray(recipe.claims)) throw wrong('"claims"', 'a list, [] for none', recipe.claims);
  for (const [i, claim] of (recipe.claims as unknown[]).entries()) {
    const at = `"claims[${i}]`;
    if (!isRecord(claim)) throw wrong(`${at}"`, 'an object', claim);
    const { what, published, source, bound } = claim;
    if (!MEASURES.some((measure) => measure === what))
      throw wrong(`${at}.what"`, `one of ${MEASURES.join(', ')}`, what);
    if (published !== null && typeof published !== 'number')
      throw wrong(`${at}.published"`, 'a number or null', published);
    if (typeof source !== 'string') throw wrong(`${at}.source"`, 'a text', source);
    const isBound = isRecord(bound) && [bound.atLeast, bound.atMost].some((value) => typeof value === 'number');
    if (!isBound) throw wrong(`${at}.bound"`, '{ atLeast: number } or { atMost: number }', bound);
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
