import { seededRandom } from '@pare/core';
import { expect, test } from 'vitest';
import { correctedBias, layerCurvature } from './curvature.ts';

const plain = {
  inputSecondMoment: Float32Array.of(5, 1, 1, 3),
  inputMean: Float32Array.of(2, 1),
  outputFisher: Float32Array.of(1, 3),
};

test('without more, the curvature is the second moment of the inputs', () => {
  const { matrix, groups } = layerCurvature(plain, 2);
  expect(matrix).toEqual(plain.inputSecondMoment);
  expect(groups).toBe(1);
});

test('a bias takes up the mean of the change: covariance is left', () => {
  // [5 1; 1 3] − [2; 1] [2 1]
  expect(layerCurvature(plain, 2, { bias: true }).matrix).toEqual(Float32Array.of(1, -1, -1, 2));
});

test('of examples whose gradients agree, the common part counts as often as they do', () => {
  // ρ = (4 + 4) / (1 + 3) = 2. Covariances: of all [1 −1; −1 2], of means [½ 0; 0 ½], a third of its trace. Together
  // C = 0.3 · [½ 0; 0 ½] + 0.7 / 3 · [1 −1; −1 2]; the matrix is [1 −1; −1 2] + (ρ − 1) · C + ρ · [4 2; 2 1], with a bias without the last.
  const statistics = {
    ...plain,
    exampleMoment: Float32Array.of(4.5, 2, 2, 1.5),
    outputCoherence: Float32Array.of(4, 4),
  };
  const [a, b, c] = [0.15 + 0.7 / 3, -0.7 / 3, 0.15 + 1.4 / 3];
  const close = (matrix: Float32Array, expected: readonly number[]) =>
    expected.forEach((value, i) => void expect(matrix[i]).toBeCloseTo(value, 5));
  close(layerCurvature(statistics, 2).matrix, [9 + a, 3 + b, 3 + b, 4 + c]);
  close(layerCurvature(statistics, 2, { bias: true }).matrix, [1 + a, -1 + b, -1 + b, 2 + c]);
});

test('gradients that cancel count as if they knew nothing of each other', () => {
  const statistics = {
    ...plain,
    exampleMoment: Float32Array.of(4.5, 2, 2, 1.5),
    outputCoherence: Float32Array.of(0.1, 0.1),
  };
  expect(layerCurvature(statistics, 2).matrix).toEqual(plain.inputSecondMoment);
});

test('importance is a quarter of the row and three of the mean; where nothing is known all rows count one', () => {
  expect(layerCurvature(plain, 2).importance).toEqual(Float32Array.of(1.75, 2.25));
  expect(layerCurvature({ ...plain, outputFisher: new Float32Array(2) }, 2).importance).toEqual(Float32Array.of(1, 1));
});

test('each group has a matrix and a mean of its own', () => {
  const statistics = {
    inputSecondMoment: Float32Array.of(5, 10),
    inputMean: Float32Array.of(2, 3),
    outputFisher: Float32Array.of(1, 1, 1, 1),
  };
  const { matrix, groups } = layerCurvature(statistics, 4, { bias: true });
  expect(groups).toBe(2);
  expect(matrix).toEqual(Float32Array.of(1, 1));
});

test('the corrected bias keeps the mean of every output, in groups too', () => {
  const random = seededRandom(1);
  const [groups, rows, columns] = [2, 6, 5]; // rows of all groups
  const numbers = (count: number) => Float32Array.from({ length: count }, () => random.normal());
  const [bias, before, after] = [numbers(rows), numbers(rows * columns), numbers(rows * columns)];
  const inputMean = numbers(groups * columns);
  const meanOf = (kernel: Float32Array, constant: Float32Array, k: number): number => {
    let sum = constant[k]!;
    const group = Math.floor((k * groups) / rows);
    for (let j = 0; j < columns; j++) sum += kernel[k * columns + j]! * inputMean[group * columns + j]!;
    return sum;
  };
  const corrected = correctedBias(bias, before, after, inputMean);
  for (let k = 0; k < rows; k++) expect(meanOf(after, corrected, k)).toBeCloseTo(meanOf(before, bias, k), 5);
  expect(correctedBias(bias, before, before, inputMean)).toEqual(bias);
  expect(correctedBias(new Float32Array(0), new Float32Array(0), new Float32Array(0), inputMean).length).toBe(0);
});

test('what does not fit together is refused', () => {
  expect(() => layerCurvature({ ...plain, inputSecondMoment: new Float32Array(5) }, 2)).toThrow(
    'layerCurvature: "statistics" expected moments [groups, D, D] and means [groups, D], got 5 and 2 numbers',
  );
  expect(() => layerCurvature({ ...plain, inputMean: new Float32Array(0) }, 2)).toThrow(/got 4 and 0 numbers/);
  expect(() => layerCurvature(plain, 3)).toThrow('layerCurvature: "statistics" expected 3 outputs in 1 groups, got 2');
  const grouped = { ...plain, inputSecondMoment: Float32Array.of(5, 3), outputFisher: new Float32Array(3) };
  expect(() => layerCurvature(grouped, 3)).toThrow(/expected 3 outputs in 2 groups/);
});
