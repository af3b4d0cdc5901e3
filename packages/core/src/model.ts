import { kernelShape, type Layer, type WeightRole, weightNames } from './layer.ts';
import { checkWeight, elementCount, type Form, type Shape, type Weight } from './weight.ts';

/** What a stage did, for the record: its name and options, as plain data. */
export interface StageRecord {
  readonly stage: string;
  readonly options?: unknown;
}

/** A network: what is computed (layers, a graph by names), with what (weights), and how it came to be (history). */
export interface Model {
  readonly name?: string;
  readonly layers: readonly Layer[];
  readonly weights: readonly Weight[];
  /** The topology in its own format, carried unchanged for those who brought it. */
  readonly topology?: unknown;
  readonly history: readonly StageRecord[];
}

/** A weight with the layer it serves. Weights no layer names have neither layer nor role. */
export interface Placed<F extends Form = Form> {
  readonly weight: Weight<F>;
  readonly layer?: Layer;
  readonly role?: WeightRole;
}

/**
 * Lists a model's weights, each with its layer and role.
 *
 * @example
 * placedWeights({ layers: [], weights: [], history: [] }) // []
 */
export function placedWeights(model: Model): readonly Placed[] {
  const places = new Map<string, { layer: Layer; role: WeightRole }>();
  for (const layer of model.layers) {
    for (const { role, name } of weightNames(layer)) places.set(name, { layer, role });
  }
  return model.weights.map((weight) => ({ weight, ...places.get(weight.name) }));
}

/**
 * Replaces weights through a function. Weights that come back identical leave the model identical.
 *
 * @param replace - returns the new weight, or the one it was given
 * @throws Error if a replacement changes name or shape: that would be another network
 */
export function mapWeights(model: Model, replace: (placed: Placed) => Weight): Model {
  let changed = false;
  const weights = placedWeights(model).map((placed) => {
    const next = replace(placed);
    if (next === placed.weight) return next;
    if (next.name !== placed.weight.name || next.shape.join() !== placed.weight.shape.join()) {
      throw new Error(
        `bug: mapWeights: "${placed.weight.name}" [${placed.weight.shape.join(', ')}] became "${next.name}" [${next.shape.join(', ')}]`,
      );
    }
    changed = true;
    return next;
  });
  return changed ? { ...model, weights } : model;
}

/**
 * Finds a weight by name.
 *
 * @throws RangeError if there is none, naming those there are
 */
export function weightOf(model: Model, name: string): Weight {
  const found = model.weights.find((weight) => weight.name === name);
  if (!found) {
    throw new RangeError(
      `weightOf: no weight "${name}"; the model has ${model.weights.map((w) => w.name).join(', ') || 'none'}`,
    );
  }
  return found;
}

/**
 * Counts a model's parameters, biases and pruned ones included.
 *
 * @example
 * parameterCount({ layers: [], weights: [], history: [] }) // 0
 */
export function parameterCount(model: Model): number {
  return model.weights.reduce((sum, weight) => sum + elementCount(weight.shape), 0);
}

/**
 * Checks that a model hangs together: unique names, inputs that come before their users, weights that exist and have the
 * shape their layer implies; and of each weight what `checkWeight` checks: lengths, finite numbers, masks, indices.
 *
 * @throws RangeError naming the layer or weight, what was expected and what came
 */
export function checkModel(model: Model): void {
  const weights = new Map<string, Weight>();
  for (const weight of model.weights) {
    if (weights.has(weight.name)) throw new RangeError(`checkModel: two weights are named "${weight.name}"`);
    weights.set(weight.name, weight);
    checkWeight(weight, 'checkModel');
  }
  const outputs = new Map<string, Layer>();
  for (const layer of model.layers) {
    if (outputs.has(layer.name)) throw new RangeError(`checkModel: two layers are named "${layer.name}"`);
    for (const input of layer.inputs) {
      if (!outputs.has(input)) {
        throw new RangeError(`checkModel: layer "${layer.name}" takes "${input}", which no layer before it makes`);
      }
    }
    for (const { role, name } of weightNames(layer)) {
      const weight = weights.get(name);
      if (!weight)
        throw new RangeError(`checkModel: layer "${layer.name}" needs the ${role} "${name}", which is absent`);
      const source = layer.inputs[0] === undefined ? undefined : outputs.get(layer.inputs[0]);
      const expected = expectedShape(layer, role, source);
      if (expected && expected.join() !== weight.shape.join()) {
        throw new RangeError(
          `checkModel: "${name}" expected shape [${expected.join(', ')}] for layer "${layer.name}", got [${weight.shape.join(', ')}]`,
        );
      }
    }
    outputs.set(layer.name, layer);
  }
}

/** Undefined where the layer says nothing of it: a foreign one, or one without a source. */
function expectedShape(layer: Layer, role: WeightRole, source: Layer | undefined): Shape | undefined {
  if (layer.kind === 'dense' || layer.kind === 'conv2d') {
    if (role === 'bias') return [layer.kind === 'dense' ? layer.units : layer.filters];
    return source && kernelShape(layer, source.outputShape);
  }
  return layer.kind === 'batchnorm' ? source?.outputShape.slice(0, 1) : undefined;
}
