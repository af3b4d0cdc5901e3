import { elementCount, type Layer } from '@pare/core';
import { isIdentity } from './output-shape.ts';

/** Where a layer's output lies: in the room of another layer, or of itself. */
export interface Lodging {
  /** Index of the layer whose room it is. */
  readonly room: number;
  /** Elements from the start of that room. */
  readonly offset: number;
}

/** Which outputs share memory, and when it is in use. */
export interface Storage {
  /** For each layer, in order. */
  readonly lodgings: readonly Lodging[];
  /** For each layer the last step that reads what lies in its room; Infinity for what the caller reads. */
  readonly lastReaders: readonly number[];
}

/**
 * Decides which outputs share memory, so that fewer numbers are copied:
 *
 * - What only gives another shape is its input. Nothing is done.
 * - What changes one number at a time does so in place, if nobody reads the old ones afterwards.
 * - What is put behind others by a concat is written there at once, unless another concat has it already.
 *
 * @param layers - in the order in which they run, the output last
 */
export function shareStorage(layers: readonly Layer[]): Storage {
  const indices = new Map(layers.map(({ name }, i) => [name, i]));
  const sizes = layers.map(({ outputShape }) => elementCount(outputShape));
  // Invariant: for a layer that is a room, the last reader of any layer that lodges there.
  const lastReaders = layers.map((_, i) => (i === layers.length - 1 ? Infinity : i));
  layers.forEach(({ inputs }, step) => {
    for (const name of inputs) {
      const i = indices.get(name)!;
      lastReaders[i] = Math.max(lastReaders[i]!, step);
    }
  });
  // Invariant: parents lead to the room; an offset counts from the start of the parent.
  const parents: Lodging[] = layers.map((_, i) => ({ room: i, offset: 0 }));
  const find = (i: number): Lodging => {
    const passed: number[] = [];
    for (; parents[i]!.room !== i; i = parents[i]!.room) passed.push(i);
    let offset = 0;
    // All who were passed are led there at once: else concats within concats would take the square of their number.
    for (const at of passed.reverse()) parents[at] = { room: i, offset: (offset += parents[at]!.offset) };
    return { room: i, offset };
  };
  const join = (i: number, lodging: Lodging): void => {
    parents[i] = lodging;
    lastReaders[lodging.room] = Math.max(lastReaders[lodging.room]!, lastReaders[i]!);
  };

  layers.forEach((layer, step) => {
    const inputs = layer.inputs.map((name) => indices.get(name)!);
    if (layer.kind === 'flatten' || isIdentity(layer)) join(step, find(inputs[0]!));
    else if (worksInPlace(layer)) {
      const found = inputs.map(find);
      // What is added twice is still wanted after the first time.
      const taken = found.find(
        ({ room }) => lastReaders[room]! <= step && found.filter((other) => other.room === room).length === 1,
      );
      if (taken) join(step, taken);
    } else if (layer.kind === 'concat') {
      let offset = 0;
      for (const input of inputs) {
        const { room } = find(input);
        if (sizes[room] === sizes[input] && room !== step) join(room, { room: step, offset });
        offset += sizes[input]!;
      }
    }
  });
  const lodgings = layers.map((_, i) => find(i));
  return { lodgings, lastReaders: lodgings.map(({ room }) => lastReaders[room]!) };
}

/** Whether an output number depends on no input number but the one in its place (of a softmax, on those of its pixel). */
const worksInPlace = ({ kind }: Layer): boolean =>
  kind === 'relu' || kind === 'activation' || kind === 'batchnorm' || kind === 'softmax' || kind === 'add';
