import { getKernel, type KernelConfig, type KernelFunc, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';

/** What is known of a kernel that lies over another. */
interface Sheet {
  readonly below: KernelConfig | undefined;
  isOn: boolean;
}

const sheets = /* @__PURE__ */ new WeakMap<KernelConfig, Sheet>();

/**
 * Puts kernels over those that the backend `'wasm'` has under their names; what a name lacks is added.
 *
 * Overlays can be taken off in any order: one that others lie on stays where it is and hands every call down, until these are taken
 * off, too.
 *
 * @returns takes them off
 */
export function overlayKernels(kernels: Readonly<Record<string, KernelFunc>>): () => void {
  const removals = Object.entries(kernels).map(([name, kernelFunc]) => cover(name, kernelFunc));
  return () => {
    for (const remove of removals) remove();
  };
}

/**
 * The kernel that the backend `'wasm'` has now under a name.
 *
 * @param caller - whose name the message begins with
 * @throws Error if there is none
 */
export function wasmKernel(name: string, caller: string): KernelFunc {
  const config = lookUp(name);
  if (config) return config.kernelFunc;
  throw new Error(`${caller}: no kernel "${name}" on backend "wasm": import '@tensorflow/tfjs-backend-wasm' first`);
}

function cover(kernelName: string, kernelFunc: KernelFunc): () => void {
  const below = lookUp(kernelName);
  const sheet: Sheet = { below, isOn: true };
  const config: KernelConfig = {
    ...below, // with what it does when the backend starts
    kernelName,
    backendName: 'wasm',
    kernelFunc: (call) => (sheet.isOn || !below ? kernelFunc : below.kernelFunc)(call),
  };
  sheets.set(config, sheet);
  replace(kernelName, config);
  return () => {
    sheet.isOn = false;
    if (lookUp(kernelName) === config) replace(kernelName, firstOn(below));
  };
}

/** The first that has not been taken off. */
function firstOn(config: KernelConfig | undefined): KernelConfig | undefined {
  const sheet = config && sheets.get(config);
  return sheet && !sheet.isOn ? firstOn(sheet.below) : config;
}

// tfjs types the result as always there; it is not.
const lookUp = (name: string): KernelConfig | undefined => getKernel(name, 'wasm');

function replace(kernelName: string, config: KernelConfig | undefined): void {
  if (lookUp(kernelName)) unregisterKernel(kernelName, 'wasm');
  if (config) registerKernel(config);
}
