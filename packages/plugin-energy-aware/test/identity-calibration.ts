import { type Calibration, elementCount, type LayerStatistics } from '@pare/core';

/** Knows that every input varies alike, and of nothing else. */
export const identityCalibration: Pick<Calibration, 'statistics'> = {
  async statistics(model, { kernels = [] } = {}) {
    const identities = kernels.map((name): [string, LayerStatistics] => {
      const weight = model.weights.find((each) => each.name === name)!;
      const n = elementCount(weight.shape.slice(1));
      const inputSecondMoment = new Float32Array(n * n);
      for (let i = 0; i < n; i++) inputSecondMoment[i * n + i] = 1;
      return [
        name,
        { inputSecondMoment, inputMean: new Float32Array(n), outputFisher: new Float32Array(weight.shape[0]!) },
      ];
    });
    return new Map(identities);
  },
};
