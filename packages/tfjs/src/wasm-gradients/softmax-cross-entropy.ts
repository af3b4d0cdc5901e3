import { customGrad, mul, type Scalar, scalar, type Tensor, tensor } from '@tensorflow/tfjs-core';

/**
 * Computes the mean cross entropy of softmax(logits) with the labels, as `tf.losses.softmaxCrossEntropy` does.
 *
 * loss = −1/N · Σ_{n, k} labels[n, k] · log p[n, k],  p = softmax(logits);  ∂loss/∂logits = (p · Σ_k labels − labels) / N.
 * Both are made in one pass over the numbers instead of by twenty operations, whose calls would cost more than the
 * arithmetic of the few classes that networks trained this way have. The labels are constants: no gradient flows to them.
 *
 * @param labels - [N, K], each row a distribution, commonly one-hot
 * @param logits - [N, K]
 * @throws RangeError if the shapes differ
 * @example
 * const { value, grads } = tf.variableGrads(() => softmaxCrossEntropy(labels, logits(x)));
 */
export function softmaxCrossEntropy(labels: Tensor, logits: Tensor): Scalar {
  if (labels.rank !== 2 || labels.shape[0] !== logits.shape[0] || labels.size !== logits.size) {
    throw new RangeError(`softmaxCrossEntropy: "labels" expected shape [${logits.shape}], got [${labels.shape}]`);
  }
  const loss = customGrad((x, save) => {
    const [input, keep] = [x as Tensor, save as (tensors: Tensor[]) => void]; // tfjs types both as any number of tensors
    const numbers = input.dataSync<'float32'>();
    const { value, gradient } = plainSoftmaxCrossEntropy(labels.dataSync<'float32'>(), numbers, input.shape[1]!);
    keep([tensor(gradient, input.shape)]);
    return { value: scalar(value), gradFunc: (dy: Tensor, saved: Tensor[]) => mul(dy, saved[0]!) };
  });
  return loss(logits) as Scalar;
}

/**
 * The loss and its gradient on arrays, row-major with `classes` columns.
 *
 * @example
 * plainSoftmaxCrossEntropy(Float32Array.of(1, 0), Float32Array.of(0, 0), 2).value // 0.6931471805599453
 */
export function plainSoftmaxCrossEntropy(
  labels: Float32Array,
  logits: Float32Array,
  classes: number,
): { readonly value: number; readonly gradient: Float32Array } {
  const gradient = new Float32Array(logits.length);
  const rows = logits.length / classes;
  let total = 0;
  for (let start = 0; start < logits.length; start += classes) {
    // exp of differences to the largest cannot overflow, and the largest itself makes the sum at least 1.
    let largest = Number.NEGATIVE_INFINITY;
    for (let i = start; i < start + classes; i++) largest = Math.max(largest, logits[i]!);
    let sum = 0;
    let weight = 0;
    for (let i = start; i < start + classes; i++) {
      sum += gradient[i] = Math.exp(logits[i]! - largest);
      weight += labels[i]!;
    }
    const logSum = Math.log(sum) + largest;
    for (let i = start; i < start + classes; i++) {
      total += labels[i]! === 0 ? 0 : labels[i]! * (logSum - logits[i]!);
      gradient[i] = ((gradient[i]! / sum) * weight - labels[i]!) / rows;
    }
  }
  return { value: total / rows, gradient };
}
