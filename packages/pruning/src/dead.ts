import {
  type Conv2dLayer,
  type Dense,
  type DenseLayer,
  elementCount,
  type Form,
  type Layer,
  type Masked,
  type Model,
  mapWeights,
  type Shape,
  type Shared,
  type Weight,
  type WeightRole,
  weightNames,
} from '@pare/core';
import { checkFinite } from './_arguments.ts';
import { applyMask } from './masked.ts';

/**
 * Prunes the connections of dead neurons; the network computes the same function, up to the rounding of biases.
 *
 * A neuron (a unit, or a filter with all its positions) without outgoing connections is of no use: its incoming
 * connections are pruned and its bias becomes 0. A neuron without incoming connections is a constant, its bias: where
 * that reaches a layer as v, the connections that carry it are pruned and the biases behind them grow by v · Σ w. Both
 * go on through the network: a neuron may die of its neighbours' death.
 *
 * A connection is absent where a mask prunes it, or where a dense weight is zero (it is masked when its weight becomes
 * masked); a kept number of a masked or shared weight counts even if it is zero. A constant is left where folding it in
 * would not be exact: before a convolution that pads with zeros or an average over padding (unless v = 0), or if the
 * next layer has no bias that may change. So are layers that use a weight twice, or in a form that is not core's.
 *
 * @returns the model with dense kernels masked where something was pruned; weights that keep all their connections are as they were
 * @throws RangeError if a number of a layer's weights is not finite
 * @example
 * withoutDeadNeurons({ layers: [], weights: [], history: [] }) // { layers: [], weights: [], history: [] }
 * @see Han, Pool, Tran, Dally 2015, section 3.5
 */
export function withoutDeadNeurons(model: Model): Model {
  const parts = openParts(model);
  foldConstants(model, parts);
  pruneUnused(model, parts);
  const forms = new Map<string, Form>();
  for (const { kernel, bias } of parts.values()) {
    for (const tensor of [kernel, bias]) if (tensor) forms.set(tensor.weight.name, closed(tensor));
  }
  return mapWeights(model, ({ weight }) => {
    const form = forms.get(weight.name) ?? weight.form;
    return form === weight.form ? weight : { ...weight, form };
  });
}

/** A weight opened for changes. */
interface Tensor {
  readonly weight: Weight;
  readonly role: WeightRole;
  /** Of a bias a copy in double precision, so that folding rounds once. */
  readonly values: Float32Array | Float64Array;
  /** 0 where something is absent, before or now. */
  readonly mask: Uint8Array;
}

/**
 * A layer with its weights opened. Row k of its kernel holds, for each channel from firstChannel(k) on, `perChannel`
 * columns: the R · S taps of a convolution, the H · W positions of a dense layer behind an image.
 */
interface Part {
  readonly kernel: Tensor;
  readonly bias: Tensor | undefined;
  readonly rows: number;
  readonly channelsPerRow: number;
  readonly perChannel: number;
  readonly firstChannel: (row: number) => number;
  /** Whether zeros around the image keep a constant from being the same at all positions. */
  readonly pads: boolean;
}

type Parts = ReadonlyMap<string, Part>;

function openParts(model: Model): Parts {
  const layers = new Map(model.layers.map((layer) => [layer.name, layer]));
  const weights = new Map(model.weights.map((weight) => [weight.name, weight]));
  const uses = new Map<string, number>();
  for (const { name } of model.layers.flatMap((layer) => [...weightNames(layer)])) {
    uses.set(name, (uses.get(name) ?? 0) + 1);
  }
  const parts = new Map<string, Part>();
  for (const layer of model.layers) {
    if (layer.kind !== 'conv2d' && layer.kind !== 'dense') continue;
    const source = layers.get(layer.inputs[0] ?? '');
    const opened = weightNames(layer).map(({ role, name }) => {
      const weight = weights.get(name);
      return weight && uses.get(name) === 1 ? open(weight, role) : undefined;
    });
    const [kernel, bias] = opened;
    if (!source || !kernel || opened.includes(undefined)) continue; // something we must not touch: treated as opaque
    parts.set(layer.name, { kernel, bias, ...geometry(layer, source.outputShape) });
  }
  return parts;
}

function open(weight: Weight, role: WeightRole): Tensor | undefined {
  const { name, form } = weight;
  if (form.kind !== 'dense' && form.kind !== 'masked' && form.kind !== 'shared') return undefined;
  const values =
    form.kind === 'shared'
      ? Float32Array.from(form.indices, (symbol, i) => (form.mask[i] === 1 ? form.codebook[symbol]! : 0))
      : form.values;
  checkFinite(`withoutDeadNeurons, weight "${name}"`, values);
  return { weight, role, values: role === 'bias' ? Float64Array.from(values) : values, mask: presence(form) };
}

function presence(form: Dense | Masked | Shared): Uint8Array {
  if (form.kind !== 'dense') return form.mask.slice();
  const mask = new Uint8Array(form.values.length);
  for (let i = 0; i < mask.length; i++) mask[i] = form.values[i] === 0 ? 0 : 1;
  return mask;
}

function geometry(layer: Conv2dLayer | DenseLayer, input: Shape): Omit<Part, 'kernel' | 'bias'> {
  const channels = input[0] ?? 1;
  if (layer.kind === 'dense') {
    const perChannel = channels === 0 ? 0 : elementCount(input) / channels;
    return { rows: layer.units, channelsPerRow: channels, perChannel, firstChannel: () => 0, pads: false };
  }
  const channelsPerRow = channels / layer.groups;
  const rowsPerGroup = layer.filters / layer.groups;
  return {
    rows: layer.filters,
    channelsPerRow,
    perChannel: layer.kernelSize[0] * layer.kernelSize[1],
    firstChannel: (row) => Math.floor(row / rowsPerGroup) * channelsPerRow,
    pads: layer.padding.some((zeros) => zeros > 0),
  };
}

// ---- forwards: neurons without inputs ----

/**
 * Invariant: `constants` of a layer holds, for each of its channels, the value it has at all positions, or NaN if it
 * varies.
 */
function foldConstants(model: Model, parts: Parts): void {
  const constants = new Map<string, Float64Array>();
  const shapes = new Map<string, Shape>();
  for (const layer of model.layers) {
    const name = layer.inputs[0] ?? '';
    constants.set(layer.name, constantsOf(layer, parts.get(layer.name), constants.get(name), shapes.get(name) ?? []));
    shapes.set(layer.name, layer.outputShape);
  }
}

function constantsOf(
  layer: Layer,
  part: Part | undefined,
  input: Float64Array | undefined,
  shape: Shape,
): Float64Array {
  if (input) {
    if (layer.kind === 'relu') return input.map((value) => Math.max(0, value)); // NaN stays NaN
    if (layer.kind === 'pool') {
      const pads = layer.padding.some((zeros) => zeros > 0);
      // Whether padding is zero or nothing, max(v, padding) = v if v ≥ 0. What an average over an edge is divided by
      // differs between frameworks.
      const exact = (value: number) =>
        value === 0 || (layer.mode === 'max' ? !pads || value > 0 : !pads && layer.rounding === 'floor');
      return input.map((value) => (exact(value) ? value : Number.NaN));
    }
    if (layer.kind === 'flatten') {
      const positions = elementCount(shape) / input.length;
      return Float64Array.from({ length: input.length * positions }, (_, i) => input[Math.floor(i / positions)]!);
    }
    if (part) {
      input.forEach((value, channel) => {
        if (!Number.isNaN(value)) fold(part, channel, value);
      });
      return Float64Array.from({ length: part.rows }, (_, row) =>
        rowIsEmpty(part, row) ? (part.bias?.values[row] ?? 0) : Number.NaN,
      );
    }
  }
  return new Float64Array(layer.outputShape[0] ?? 0).fill(Number.NaN);
}

/** Prunes the connections from a constant channel, if the biases behind them can take over. */
function fold(part: Part, channel: number, value: number): void {
  const { bias, rows } = part;
  const carried = Float64Array.from({ length: value === 0 ? 0 : rows }, (_, row) => {
    let sum = 0;
    for (const at of connections(part, row, channel)) sum += part.kernel.values[at]!;
    return value * sum;
  });
  if (value !== 0 && part.pads) return; // at the edge only some of the taps see it
  if (!carried.every((amount, row) => amount === 0 || mayMove(bias, row))) return;
  for (let row = 0; row < rows; row++) {
    for (const at of connections(part, row, channel)) part.kernel.mask[at] = 0;
    const amount = carried[row] ?? 0;
    if (bias && amount !== 0) bias.values[row]! += amount;
  }
}

/** A dense bias may move, a masked one where it is kept; a shared one would take others along. */
const mayMove = (bias: Tensor | undefined, row: number): boolean =>
  bias !== undefined &&
  (bias.weight.form.kind === 'dense' || (bias.weight.form.kind === 'masked' && bias.mask[row] === 1));

function rowIsEmpty(part: Part, row: number): boolean {
  const length = part.channelsPerRow * part.perChannel;
  for (let at = row * length; at < (row + 1) * length; at++) if (part.kernel.mask[at] === 1) return false;
  return true;
}

// ---- backwards: neurons without outputs ----

/**
 * Invariant: once all users of a layer are visited, `used` holds 1 for each of its channels that something depends on.
 */
function pruneUnused(model: Model, parts: Parts): void {
  const read = new Set(model.layers.flatMap((layer) => layer.inputs));
  const used = new Map(
    model.layers.map(({ name, outputShape }) => {
      const channels = new Uint8Array(outputShape[0] ?? 0);
      return [name, read.has(name) ? channels : channels.fill(1)]; // what nobody reads is the network's answer
    }),
  );
  for (const layer of model.layers.toReversed()) {
    const mine = used.get(layer.name)!;
    const part = parts.get(layer.name);
    if (part) pruneRows(part, mine);
    for (const name of layer.inputs) markUsed(layer, part, mine, used.get(name));
  }
}

function markUsed(layer: Layer, part: Part | undefined, mine: Uint8Array, source: Uint8Array | undefined): void {
  if (!source) return;
  if (layer.kind === 'relu' || layer.kind === 'pool') {
    for (let channel = 0; channel < source.length; channel++) source[channel]! |= mine[channel]!;
  } else if (layer.kind === 'flatten') {
    const positions = mine.length / source.length;
    for (let i = 0; i < mine.length; i++) source[Math.floor(i / positions)]! |= mine[i]!;
  } else if (part) {
    for (let row = 0; row < part.rows; row++) {
      const first = part.firstChannel(row);
      for (let channel = first; channel < first + part.channelsPerRow; channel++) {
        if (source[channel] === 0 && !connections(part, row, channel).next().done) source[channel] = 1;
      }
    }
  } else source.fill(1);
}

function pruneRows({ kernel, bias, rows, channelsPerRow, perChannel }: Part, used: Uint8Array): void {
  const length = channelsPerRow * perChannel;
  for (let row = 0; row < rows; row++) {
    if (used[row] === 1) continue;
    kernel.mask.fill(0, row * length, (row + 1) * length);
    if (!bias) continue;
    bias.mask[row] = 0;
    bias.values[row] = 0;
  }
}

/** Positions in the kernel of the present connections from a channel to a row. */
function* connections(part: Part, row: number, channel: number): Generator<number> {
  const { kernel, channelsPerRow, perChannel } = part;
  const within = channel - part.firstChannel(row);
  if (within < 0 || within >= channelsPerRow) return; // of another group
  const first = (row * channelsPerRow + within) * perChannel;
  for (let at = first; at < first + perChannel; at++) if (kernel.mask[at] === 1) yield at;
}

/** The form after the changes; the one before if there were none. A dense bias stays dense. */
function closed({ weight, role, values, mask }: Tensor): Form {
  const form = weight.form as Dense | Masked | Shared; // no others are opened
  const before = presence(form);
  const pruned = mask.some((bit, i) => bit !== before[i]);
  if (form.kind === 'shared') {
    if (!pruned) return form;
    return { ...form, indices: form.indices.map((symbol, i) => (mask[i] === 1 ? symbol : 0)), mask };
  }
  if (role === 'kernel') return pruned ? applyMask(form.values, mask) : form;
  const rounded = Float32Array.from(values);
  const moved = rounded.some((value, i) => value !== form.values[i]);
  if (form.kind === 'dense') return moved ? { kind: 'dense', values: rounded } : form;
  return moved || pruned ? applyMask(rounded, mask) : form;
}
