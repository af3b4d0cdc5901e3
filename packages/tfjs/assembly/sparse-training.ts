// Training kernels for pruned layers, on tfjs's own memory: no static data, no heap.
//
// Layout: activations [C, H, W, N], batch innermost, so that one kept weight multiplies a long contiguous run of floats.
// With stride 1 a whole output row is one run: y[k, oy, 0…OW) reads x[c, oy + r, s…s + OW), both contiguous.
// Entries: a list of 8 bytes for each kept weight, {byte offset of its first operand: i32, weight: f32}.
// Only offsets relative to a moving base are stored, so a list serves all positions of an image.
// C, K channels in and out; H, W, OH, OW sizes in and out; R, S rows and columns of a filter; N batch.

export { columnEntries, rowEntries } from './sparse-training/entries';
export { forward, forwardPooled } from './sparse-training/forward';
export { inputGradient, inputGradientStrided } from './sparse-training/input-gradient';
export { maxPool } from './sparse-training/max-pool';
export { maxPoolGradient } from './sparse-training/max-pool-gradient';
export { addBias, relu, reluGradient, rowSums } from './sparse-training/pointwise';
export { pooledWeightGradient, weightGradient } from './sparse-training/weight-gradient';
