import type { Shape } from '@pare/core';
import type { Extent } from './window.ts';

/** Extents of what flows, the batch among them. Each layer may inherit them: all layers times all extents must not be much. */
export const MOST_EXTENTS = 9;

/** Whether all numbers lie along the channels. */
export const isVector = (shape: readonly Extent[] | undefined): boolean =>
  shape?.length === 1 || (shape?.length === 3 && shape[0] === 1 && shape[1] === 1);

export const product = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

export const same = (a: readonly unknown[] | undefined, b: readonly unknown[] | undefined): boolean =>
  a?.join() === b?.join();

/** Channels first, and 0 for what is not known. */
export function houseShape(shape: readonly Extent[] = []): number[] {
  const known = shape.map((extent) => extent ?? 0);
  return known.length === 3 ? [known[2]!, known[0]!, known[1]!] : known;
}

/** The shape of an element-by-element result, where it is plain: all of one shape, or of fewer extents. */
export function broadcast(
  values: readonly { readonly shape?: readonly Extent[] | undefined }[],
): readonly Extent[] | undefined {
  const shapes = values.map(({ shape }) => shape);
  if (shapes.includes(undefined)) return undefined;
  const longest = shapes.reduce<readonly Extent[]>((a, b) => (b!.length > a.length ? b! : a), []);
  return longest.map((_, i) => {
    const extents = shapes
      .map((shape) => shape![shape!.length - longest.length + i])
      .filter((extent) => extent !== undefined);
    return extents.includes(null) ? null : Math.max(...(extents as number[]));
  });
}

/** Puts the one extent that is missing; undefined if it does not follow. */
export function completed(
  target: readonly Extent[],
  from: readonly Extent[] | undefined,
): readonly number[] | undefined {
  if (!from || from.includes(null)) return undefined;
  const count = product(from as readonly number[]);
  const known = target.reduce<number>((a, b) => a * (b ?? 1), 1);
  if (!target.includes(null)) return known === count ? (target as number[]) : undefined;
  if (target.indexOf(null) !== target.lastIndexOf(null) || known === 0 || count % known) return undefined;
  return target.map((extent) => extent ?? count / known);
}
