import {
  engine,
  getKernel,
  keep,
  type NamedAttrMap,
  type NamedTensorMap,
  registerGradient,
  registerKernel,
  Tensor,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { type Workspace, workspace } from './_memory.ts';

/** An operation by what its kernel computes and what its gradients are. */
export interface Operation<Attributes extends object> {
  /** Its name among tfjs's kernels. */
  readonly name: string;
  /** Inputs that the gradients read again. */
  readonly inputsToSave: readonly string[];
  /** Computes the result and, for the gradients alone, further tensors. */
  forward(
    space: Workspace,
    inputs: Readonly<Record<string, TensorInfo>>,
    attributes: Attributes,
  ): { readonly y: TensorInfo; readonly forGradients?: readonly TensorInfo[] };
  /**
   * For each input the computation of its gradient, which tfjs calls only if something asks for that gradient.
   *
   * @param saved - `inputsToSave`, then `forGradients`
   */
  gradients(
    space: Workspace,
    dy: Tensor,
    saved: readonly TensorInfo[],
    attributes: Attributes,
  ): Readonly<Record<string, () => TensorInfo>>;
}

/**
 * Makes a differentiable operation for the backend `'wasm'`. tfjs learns of it with the first call.
 *
 * Not `tf.customGrad`, which computes the gradients of all inputs: a first layer would pay for the gradient of its images.
 */
export function defineOperation<Attributes extends object>(
  operation: Operation<Attributes>,
): (inputs: NamedTensorMap, attributes: Attributes) => Tensor {
  const { name, inputsToSave } = operation;
  return (inputs, attributes) => {
    const space = workspace(); // throws in its own words where tfjs would only miss a kernel
    for (const [input, { dtype }] of Object.entries(inputs)) {
      if (dtype !== 'float32') throw new TypeError(`${name}: "${input}" expected float32, got ${dtype}`);
    }
    if (!isKnown(name)) introduce(operation);
    const call: Call<Attributes> = { attributes, forGradients: [] };
    const y = engine().runKernel<Tensor>(name, inputs, call as unknown as NamedAttrMap);
    const further = call.forGradients.map((tensor) => engine().makeTensorFromTensorInfo(tensor));
    const record = recordOf(name);
    if (record === undefined) for (const tensor of further) tensor.dispose();
    else record.push(...inputsToSave.map((input) => keep(space.share(inputs[input]!))), ...further.map(keep));
    return y;
  };
}

/** What goes through tfjs to the kernel, and comes back from it. */
interface Call<Attributes> {
  readonly attributes: Attributes;
  forGradients: readonly TensorInfo[];
}

function introduce<Attributes extends object>(operation: Operation<Attributes>): void {
  // The foreign border: tfjs hands through whatever it is given as attributes.
  const callOf = (attrs: NamedAttrMap | undefined) => attrs as unknown as Call<Attributes>;
  registerKernel({
    kernelName: operation.name,
    backendName: 'wasm',
    kernelFunc({ inputs, attrs }) {
      const call = callOf(attrs);
      const { y, forGradients = [] } = operation.forward(
        workspace(),
        inputs as Record<string, TensorInfo>,
        call.attributes,
      );
      call.forGradients = forGradients;
      return y;
    },
  });
  registerGradient({
    kernelName: operation.name,
    gradFunc(dy, saved, attrs) {
      const gradients = operation.gradients(workspace(), dy as Tensor, saved, callOf(attrs).attributes);
      const asTensors: Record<string, () => Tensor> = {};
      for (const [input, compute] of Object.entries(gradients)) {
        asTensors[input] = () => {
          const gradient = compute();
          return gradient instanceof Tensor ? gradient : engine().makeTensorFromTensorInfo(gradient);
        };
      }
      return asTensors;
    },
  });
}

// tfjs types the result as always there; it is not.
const isKnown = (name: string): boolean => (getKernel(name, 'wasm') as object | undefined) !== undefined;

/**
 * The list of what the tape keeps for the gradients of the kernel that just ran; nothing if no tape runs.
 *
 * tfjs would fill it with clones, and its wasm backend clones by copying. Handles on the same memory do: tfjs disposes
 * them with the tape.
 */
function recordOf(name: string): Tensor[] | undefined {
  const { gradientDepth, kernelDepth, activeTape } = engine().state;
  if (gradientDepth === 0 || kernelDepth > 0) return undefined;
  const node = activeTape.at(-1);
  if (node?.kernelName !== name) throw new Error(`bug: tfjs did not put ${name} on its tape`);
  return node.saved ?? (node.saved = []);
}
