import { elementCount, type Layer, type Shape } from '@pare/core';
import { arrange } from './arrange.ts';
import { checkNetwork } from './check-network.ts';
import { isIdentity } from './output-shape.ts';
import { shareStorage } from './storage.ts';

/** Numbers of a layer's output: float32, channel by channel, each channel row by row. */
export interface Place {
  /** Bytes from the start of the memory for activations; a multiple of 4. */
  readonly offset: number;
  readonly shape: Shape;
}

/** Something to compute. */
export interface Step {
  readonly layer: Layer;
  readonly inputs: readonly Place[];
  readonly output: Place;
  /** What comes out is cut off below and above: a ReLU that follows is part of the step. */
  readonly least: number;
  readonly most: number;
}

/** What is computed in which order, and where every number lies. */
export interface Plan {
  readonly steps: readonly Step[];
  readonly input: Place & { readonly layer: Layer & { readonly kind: 'input' } };
  readonly output: Place;
  /** Memory for activations. */
  readonly bytes: number;
  /** What it would take if each output had memory of its own. */
  readonly unsharedBytes: number;
}

/**
 * Plans how a network is run: checks it, orders its layers, and gives each output a place in one block of memory.
 *
 * Outputs that are not there at the same time share memory. A ReLU becomes part of the step before, a flatten nothing at all,
 * and what a concat joins is written into its place at once, so that mostly there is nothing to copy.
 *
 * @param layers - in any order but that the output comes last
 * @param weights - shapes of the weights there are, by name
 * @throws NetworkError if the network cannot be run: see `checkNetwork`
 * @example
 * const layers = [
 *   { kind: 'input', name: 'data', inputs: [], outputShape: [3, 4, 4] },
 *   { kind: 'relu', name: 'relu', inputs: ['data'], outputShape: [3, 4, 4] },
 *   { kind: 'flatten', name: 'flat', inputs: ['relu'], outputShape: [48] },
 * ];
 * const { steps, bytes } = planNetwork(layers, new Map());
 * [steps.length, bytes] // [1, 192]
 */
export function planNetwork(layers: readonly Layer[], weights: ReadonlyMap<string, Shape>): Plan {
  const ordered = checkNetwork(layers, weights);
  const { lodgings, lastReaders } = shareStorage(ordered);
  const bytesOf = ({ outputShape }: Layer): number => 4 * elementCount(outputShape);

  const firstSteps = new Map<number, number>();
  lodgings.forEach(({ room }, step) => {
    if (!firstSteps.has(room)) firstSteps.set(room, step);
  });
  const rooms = [...firstSteps.keys()];
  const arrangement = arrange(
    rooms.map((room) => ({
      bytes: bytesOf(ordered[room]!),
      first: firstSteps.get(room)!,
      last: Math.min(lastReaders[room]!, ordered.length),
    })),
  );
  const starts = new Map(rooms.map((room, i) => [room, arrangement.offsets[i]!]));
  const places = new Map(
    ordered.map(({ name, outputShape }, i): [string, Place] => {
      const { room, offset } = lodgings[i]!;
      return [name, { offset: starts.get(room)! + 4 * offset, shape: outputShape }];
    }),
  );

  const users = new Map<string, number>();
  for (const { inputs } of ordered) for (const name of inputs) users.set(name, (users.get(name) ?? 0) + 1);
  const steps: Step[] = [];
  const makers = new Map<string, number>();
  for (const layer of ordered) {
    const output = places.get(layer.name)!;
    const inputs = layer.inputs.map((name) => places.get(name)!);
    const [source = ''] = layer.inputs;
    const bounds = boundsOf(layer);
    const maker = makers.get(source);
    if (layer.kind === 'input' || layer.kind === 'flatten' || isIdentity(layer)) {
      if (maker !== undefined && users.get(source) === 1) makers.set(layer.name, maker);
    } else if (layer.kind === 'concat' && concatOffsets(output, inputs).every((at, i) => at === inputs[i]!.offset)) {
      // Everything is where it should be.
    } else if (bounds && maker !== undefined && users.get(source) === 1 && inputs[0]!.offset === output.offset) {
      const { least, most, ...rest } = steps[maker]!;
      steps[maker] = { ...rest, least: Math.max(least, bounds[0]), most: Math.min(most, bounds[1]) };
      makers.set(layer.name, maker);
    } else {
      if (CUTTING.includes(layer.kind)) makers.set(layer.name, steps.length);
      const [least, most] = bounds ?? [-Infinity, Infinity];
      steps.push({ layer, inputs, output, least, most });
    }
  }

  const input = ordered.find((layer) => layer.kind === 'input')!;
  return {
    steps,
    input: { ...places.get(input.name)!, layer: input },
    output: places.get(ordered.at(-1)!.name)!,
    bytes: arrangement.bytes,
    unsharedBytes: ordered.reduce((sum, layer) => sum + bytesOf(layer), 0),
  };
}

/** Steps that cut off what comes out, so that a ReLU costs them nothing. */
const CUTTING: readonly Layer['kind'][] = ['conv2d', 'dense', 'add', 'batchnorm', 'relu', 'activation'];

/** What a layer cuts off, if that is all it does. */
function boundsOf(layer: Layer): readonly [number, number] | undefined {
  if (layer.kind === 'relu') return [0, Infinity];
  return layer.kind === 'activation' && layer.function === 'relu6' ? [0, 6] : undefined;
}

/** Where the inputs of a concat belong. */
export function concatOffsets({ offset }: Place, inputs: readonly Place[]): readonly number[] {
  let end = offset;
  return inputs.map(({ shape }) => (end += 4 * elementCount(shape)) - 4 * elementCount(shape));
}
