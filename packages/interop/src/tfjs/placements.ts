import type { Shape } from '@pare/core';
import { freeName } from '../free-name.ts';
import { keepsOrder, type Layout } from './layout.ts';
import { product } from './shapes.ts';

/** Which weight a tensor becomes, in which shape, and how its numbers get there. */
export interface Placement {
  readonly weight: string;
  readonly shape: Shape;
  /** Absent if the order of the numbers stays. */
  readonly layout?: Layout;
}

/** Decides which weights the tensors of a network become. */
export class Placements {
  readonly byTensor: Map<string, Placement> = new Map();
  readonly #tensors: ReadonlyMap<string, Shape>;
  readonly #smallestForeign: number;
  readonly #weights = new Set<string>();
  readonly #next = new Map<string, number>();

  /**
   * @param tensors - shapes of those that can be weights, by name
   * @param smallestForeign - numbers that a tensor must have to become a weight as it is
   */
  constructor(tensors: ReadonlyMap<string, Shape>, smallestForeign: number) {
    this.#tensors = tensors;
    this.#smallestForeign = smallestForeign;
  }

  /** @returns the name of the weight; undefined if the tensor is one already, in another arrangement, or does not fit */
  place(tensor: string, weight: string, shape: Shape, layout?: Layout): string | undefined {
    const given = this.#tensors.get(tensor);
    if (!given || product(given) !== product(shape)) return undefined;
    const moved = layout && !keepsOrder(layout) ? layout : undefined;
    const before = this.byTensor.get(tensor);
    if (before) {
      const alike = JSON.stringify([before.shape, before.layout]) === JSON.stringify([shape, moved]);
      return alike ? before.weight : undefined;
    }
    const name = freeName(weight, this.#weights, this.#next, '~');
    this.#weights.add(name);
    this.byTensor.set(tensor, { weight: name, shape, ...(moved && { layout: moved }) });
    return name;
  }

  /** Under its own name and as it is, unless it is a weight already or too small for one. */
  placeAsIs(tensor: string): string | undefined {
    const shape = this.#tensors.get(tensor);
    const before = this.byTensor.get(tensor)?.weight;
    if (before !== undefined || !shape || product(shape) < this.#smallestForeign) return before;
    return this.place(tensor, tensor, shape);
  }

  /** Those that no operation asked for. */
  placeRest(): void {
    for (const tensor of this.#tensors.keys()) this.placeAsIs(tensor);
  }
}
