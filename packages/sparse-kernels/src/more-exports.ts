import type { MoreExports } from './exports.ts';
import type { Kernels } from './kernels.ts';
import { decoded, withSharedMemory } from './module-bytes.ts';
import { moreKernelsWasm } from './more-kernels.wasm.ts';

/** By whether the memory is shared. Once for all memories: an engine that has made a module fast keeps that. */
const modules = /* @__PURE__ */ new Map<boolean, WebAssembly.Module>();
const instances = /* @__PURE__ */ new WeakMap<WebAssembly.Memory, MoreExports>();

/**
 * The kernels for products by columns, of EIE's form and of batches, in the memory of others. They are a module of their own, so that who
 * never prepares such a layer need not download it. It is the calling thread that runs them.
 *
 * @throws whatever the engine throws where WebAssembly is not allowed
 */
export function moreExports({ memory }: Kernels): MoreExports {
  const known = instances.get(memory);
  if (known) return known;
  const module = moduleFor(!(memory.buffer instanceof ArrayBuffer));
  const exports = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as MoreExports;
  instances.set(memory, exports);
  return exports;
}

function moduleFor(isShared: boolean): WebAssembly.Module {
  const known = modules.get(isShared);
  if (known) return known;
  const bytes = decoded(moreKernelsWasm);
  const module = new WebAssembly.Module(isShared ? withSharedMemory(bytes) : bytes);
  modules.set(isShared, module);
  return module;
}
