import { denseParametrization, type Masked, type Parametrization, type Shared } from '@pare/core';
import { describe, expect, test } from 'vitest';
import { brokenPromises } from './_broken.ts';
import { denseValues } from './forms.ts';
import { describeParametrization, parametrizationContract } from './parametrization-contract.ts';

/** A parametrization that keeps its promises: numbers that share a codebook. */
const shared: Parametrization<Shared> = {
  kind: 'shared',
  toDense(form, out = new Float32Array(form.indices.length)) {
    out.set(denseValues(form));
    return out;
  },
  constrainGradient({ codebook, indices, mask }, gradient) {
    const sums = new Float64Array(codebook.length);
    for (let i = 0; i < gradient.length; i++) if (mask[i]) sums[indices[i]!]! += gradient[i]!;
    for (let i = 0; i < gradient.length; i++) gradient[i] = mask[i] ? sums[indices[i]!]! : 0;
  },
  absorb(form, values) {
    const codebook = form.codebook.slice();
    form.mask.forEach((bit, i) => {
      if (bit) codebook[form.indices[i]!] = values[i]!;
    });
    return { ...form, codebook };
  },
};

const masked: Parametrization<Masked> = {
  kind: 'masked',
  toDense(form, out = new Float32Array(form.values.length)) {
    out.set(form.values);
    return out;
  },
  constrainGradient({ mask }, gradient) {
    for (let i = 0; i < gradient.length; i++) if (!mask[i]) gradient[i] = 0;
  },
  absorb: (form, values) => ({ ...form, values: values.map((value, i) => (form.mask[i] ? value : 0)) }),
};

describeParametrization('dense', denseParametrization);
describeParametrization('shared', shared);
describeParametrization('masked', masked);

describe('the parametrization contract notices one that', () => {
  const brokenShared: readonly [string, Parametrization<Shared>, string][] = [
    [
      'averages where it should sum',
      {
        ...shared,
        constrainGradient(form, gradient) {
          shared.constrainGradient(form, gradient);
          const members = new Map<number, number>();
          form.indices.forEach((k, i) => {
            if (form.mask[i]) members.set(k, (members.get(k) ?? 0) + 1);
          });
          form.indices.forEach((k, i) => {
            if (form.mask[i]) gradient[i]! /= members.get(k)!;
          });
        },
      },
      'agrees with finite differences on the free parameters',
    ],
    ['lets each member go its way', { ...shared, constrainGradient() {} }, 'a constrained step stays in the form'],
    [
      'sums pruned members too',
      {
        ...shared,
        constrainGradient(form, gradient) {
          shared.constrainGradient({ ...form, mask: form.mask.map(() => 1) }, gradient);
        },
      },
      'a constrained step stays in the form',
    ],
    [
      'ignores `out`',
      { ...shared, toDense: (form) => denseValues(form) },
      'toDense writes to the array it is given, all of it, and returns it',
    ],
    [
      'writes its codebook in place',
      {
        ...shared,
        absorb(form, values) {
          form.codebook.set(shared.absorb(form, values).codebook);
          return form;
        },
      },
      'changes neither the form nor the values it is given',
    ],
  ];
  const brokenMasked: readonly [string, Parametrization<Masked>, string][] = [
    ['lets pruned numbers come back', { ...masked, constrainGradient() {} }, 'a constrained step stays in the form'],
    [
      'leaves pruned places of `out` as they were',
      {
        ...masked,
        toDense(form, out = new Float32Array(form.values.length)) {
          form.mask.forEach((bit, i) => {
            if (bit) out[i] = form.values[i]!;
          });
          return out;
        },
      },
      'toDense writes to the array it is given, all of it, and returns it',
    ],
    [
      'takes a new mask from the zeros',
      { ...masked, absorb: (form, values) => ({ ...form, values, mask: Uint8Array.from(values, (x) => (x ? 1 : 0)) }) },
      'absorb keeps the structure, whatever the values',
    ],
    [
      'keeps the array it is given',
      { ...masked, absorb: (form, values) => ({ ...form, values }) },
      'absorb copies: later changes of the values do not reach the form',
    ],
    [
      'is not symmetric',
      {
        ...masked,
        constrainGradient(form, gradient) {
          masked.constrainGradient(form, gradient);
          const first = form.mask.indexOf(1);
          const last = form.mask.lastIndexOf(1);
          if (first >= 0 && first !== last) gradient[first]! += 5 * gradient[last]!;
        },
      },
      'the constraint is J·Jᵀ: symmetric and never uphill',
    ],
  ];
  test.each(brokenShared)('%s (shared)', async (_, broken, sentence) => {
    expect(await brokenPromises(parametrizationContract(broken))).toContain(sentence);
  });
  test.each(brokenMasked)('%s (masked)', async (_, broken, sentence) => {
    expect(await brokenPromises(parametrizationContract(broken))).toContain(sentence);
  });
});
