import { moduleBytes } from '../kernels.ts';
import { withSharedMemory } from '../module-bytes.ts';

let compiled: WebAssembly.Module | undefined;

/** The kernels, for a memory that threads share. */
export function sharedModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(withSharedMemory(moduleBytes()));
  return compiled;
}
