import { clone, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import { defineOperation } from './_operation.ts';
import { biasGradient } from './sparse-conv2d.ts';

/**
 * y[c, …] = x[c, …] + bias[c]. {@link sparseConv2d} adds a bias of its own for less.
 *
 * @param x - [C, …]
 * @param bias - [C]
 */
export function addBiasChwn(x: Tensor, bias: Tensor): Tensor {
  if (bias.rank !== 1 || bias.size !== x.shape[0]) {
    throw new RangeError(`addBiasChwn: "bias" expected [${x.shape[0]}], got [${bias.shape}]`);
  }
  return addBias({ x, bias }, {});
}

/** y = max(x, 0), of any shape; the gradient at 0 is 0. */
export const reluChwn = (x: Tensor): Tensor => relu({ x }, {});

const addBias = /* @__PURE__ */ defineOperation<object>({
  name: 'PareAddBiasChwn',
  inputsToSave: [],
  forward({ kernels, address, output }, { x, bias }) {
    const y = output(x!.shape);
    const channels = x!.shape[0]!;
    kernels.addBias(address(y), address(x!), address(bias!), channels, lengthOf(x!) / channels);
    return { y };
  },
  gradients: (space, dy) => ({
    x: () => clone(dy),
    bias: () => biasGradient(space, dy),
  }),
});

const relu = /* @__PURE__ */ defineOperation<object>({
  name: 'PareReluChwn',
  inputsToSave: ['x'], // x > 0 where y > 0
  forward({ kernels, address, output }, { x }) {
    const y = output(x!.shape);
    kernels.relu(address(y), address(x!), lengthOf(x!));
    return { y };
  },
  gradients: ({ kernels, address, output }, dy, [x]) => ({
    x: () => {
      const dx = output(dy.shape);
      kernels.reluGradient(address(dx), address(dy), address(x!), lengthOf(dy));
      return dx;
    },
  }),
});

const lengthOf = ({ shape }: TensorInfo): number => shape.reduce((product, extent) => product * extent, 1);
