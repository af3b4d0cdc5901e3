import { type Parametrization, type Weight, weightNames } from '@pare/core';
import type { Kernels, WeightForm } from '@pare/sparse-kernels';
import type { Step } from './plan-network.ts';
import { type PreparedStep, prepareStep, type StepOptions } from './prepare-step.ts';
import { weightForm } from './weight-form.ts';

/** Steps that become ready one by one, as their weights arrive. */
export interface StepLoader {
  /** Takes a weight. What no step needs is ignored, and so is all that comes after {@link fail}. */
  add(weight: Weight): void;
  /** Ends all that wait: no more weights will come. */
  fail(reason: unknown): void;
  /** The step, if it is ready. */
  get(index: number): PreparedStep | undefined;
  /** Waits for a step. */
  wait(index: number): Promise<PreparedStep>;
  /** Of the steps that are ready: what they read together, and the most that one needs for itself. */
  readonly sizes: Pick<PreparedStep, 'readBytes' | 'scratchBytes'>;
}

export interface LoadOptions extends StepOptions {
  readonly parametrizations?: readonly Parametrization[];
}

/** @throws NetworkError from `add`, as `weightForm` */
export function loadSteps(
  kernels: Kernels,
  steps: readonly Step[],
  { parametrizations = [], ...options }: LoadOptions,
): StepLoader {
  const prepared: (PreparedStep | undefined)[] = steps.map(() => undefined);
  const arrived = new Map<string, Weight>();
  const missing = steps.map(({ layer }) => new Set(weightNames(layer).map(({ name }) => name)));
  // Invariant: the steps that are not ready, by each weight that they take.
  const users = new Map<string, Set<number>>();
  missing.forEach((names, i) => {
    for (const name of names) users.set(name, (users.get(name) ?? new Set()).add(i));
  });
  let [readBytes, scratchBytes] = [0, 0];
  let failure: { readonly reason: unknown } | undefined;
  let waiting: (() => void)[] = [];
  const wake = (): void => {
    const woken = waiting;
    waiting = [];
    for (const look of woken) look();
  };

  const prepare = (index: number): void => {
    const step = steps[index]!;
    const { name: layer } = step.layer;
    const weights = (name: string): WeightForm => weightForm(arrived.get(name)!, parametrizations, layer);
    const done = prepareStep(kernels, step, weights, options);
    readBytes += done.readBytes;
    scratchBytes = Math.max(scratchBytes, done.scratchBytes);
    prepared[index] = done;
    // A weight that several layers share is kept until the last of them is ready; most are not needed any longer.
    for (const { name } of weightNames(step.layer)) {
      const left = users.get(name);
      left?.delete(index);
      if (left?.size === 0) arrived.delete(name);
    }
  };
  missing.forEach((names, i) => {
    if (names.size === 0) prepare(i);
  });

  return {
    add(weight) {
      const { name } = weight;
      const waitingFor = users.get(name);
      if (!waitingFor || failure) return;
      arrived.set(name, weight);
      for (const index of [...waitingFor]) {
        const names = missing[index]!;
        names.delete(name);
        if (names.size === 0) prepare(index);
      }
      wake();
    },
    fail(reason) {
      failure = { reason };
      wake();
    },
    get: (index) => prepared[index],
    wait: (index) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const step = prepared[index];
          if (step) resolve(step);
          else if (failure) reject(failure.reason);
          else waiting.push(look);
        };
        look();
      }),
    get sizes() {
      return { readBytes, scratchBytes };
    },
  };
}
