import { initialize, sequence, squeezenet } from '@pare/architectures';
import { elementCount, type Model, seededRandom, type Weight } from '@pare/core';
import { encodeModel } from '@pare/format';
import { describe, expect, test } from 'vitest';
import { createRuntime, NetworkError, streamRuntime } from './index.ts';
import { threads } from './threads.ts';

const inputOf = ({ layers }: Model, seed: number): Float32Array => {
  const random = seededRandom(seed);
  return Float32Array.from({ length: elementCount(layers[0]!.outputShape) }, () => random.normal());
};

/** SqueezeNet in a size in which each of its layers is worth cutting, with every other fire module pruned. */
const network: Model = (() => {
  const dense = initialize(squeezenet({ classes: 100, side: 115 }), seededRandom(1));
  const random = seededRandom(2);
  const pruned = ({ name, shape, form }: Weight): Weight =>
    form.kind === 'dense' && /fire[2468]\/.*kernel/.test(name)
      ? {
          name,
          shape,
          form: { kind: 'dense', values: form.values.map((value) => (random.float() < 0.3 ? value : 0)) },
        }
      : { name, shape, form };
  return { ...dense, weights: dense.weights.map(pruned) };
})();

describe('threads', () => {
  test.each([1, 2, 3, 4])('%i give what one gives, to the bit', async (count) => {
    const [alone, together] = [createRuntime(network), createRuntime(network, { threads: threads(count) })];
    await together.warmUp();
    expect(together.threads).toBe(count);
    expect(new Set(together.kernels.map(({ kernel }) => kernel)).size).toBeGreaterThan(1);
    for (let seed = 0; seed < 3; seed++) {
      const input = inputOf(network, seed);
      expect(Buffer.from(together.runSync(input).buffer).equals(Buffer.from(alone.runSync(input).buffer))).toBe(true);
    }
    together.dispose();
    alone.dispose();
  });

  test('they end with the runtime', async () => {
    const runtime = createRuntime(network, { threads: threads(2) });
    await runtime.warmUp();
    expect(runtime.threads).toBe(2);
    runtime.dispose();
    expect(runtime.threads).toBe(1);
    runtime.dispose();
  });

  test('they compute a network whose weights are still arriving', async () => {
    const layers = sequence([16, 48, 48], [{ kind: 'conv2d', name: 'conv', filters: 64, kernelSize: 3, padding: 1 }]);
    const model = initialize(layers, seededRandom(1));
    const bytes = encodeModel(model, { coding: 'fast' });
    const chunks = (async function* () {
      for (let at = 0; at < bytes.length; at += 5000) {
        yield bytes.subarray(at, at + 5000);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    const runtime = await streamRuntime(chunks, { threads: threads(2) });
    const input = inputOf(model, 1);
    const [together, alone] = [await runtime.run(input), createRuntime(model).runSync(input)];
    expect(Buffer.from(together.buffer).equals(Buffer.from(alone.buffer))).toBe(true);
    runtime.dispose();
  });

  test('a network that cannot be run leaves none behind', () => {
    let alive = 0;
    const counted: ReturnType<typeof threads> = (limits) => {
      alive++;
      const kernels = threads(2)(limits);
      const dispose = (): void => {
        alive--;
        kernels.dispose();
      };
      return { ...kernels, dispose };
    };
    const weights = network.weights.map(
      (weight, i): Weight =>
        i === 3
          ? { ...weight, form: { kind: 'dense', values: new Float32Array(elementCount(weight.shape)).fill(NaN) } }
          : weight,
    );
    expect(() => createRuntime({ ...network, weights }, { threads: counted })).toThrow(NetworkError);
    expect(() => createRuntime(network, { threads: counted, maximumBytes: 1_000_000 })).toThrow(RangeError);
    expect(alive).toBe(0);
  });
});
