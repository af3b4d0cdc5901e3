import { type DataType, type TensorInfo, util } from '@tensorflow/tfjs-core';

/**
 * What we use of tfjs's wasm backend 4.22.0, which documents none of it. `wasm.asm` may be absent, minified or shared between
 * threads, and then there is no {@link WasmMemory}.
 */
export interface WasmBackend {
  readonly wasm: {
    readonly asm?: Readonly<Record<string, unknown>>;
    readonly tfjs: {
      disposeData(id: number): void;
      registerTensor(id: number, size: number, address: number): void;
    };
    _malloc(bytes: number): number;
    _free(address: number): void;
  };
  readonly dataIdMap: { get(dataId: object): { readonly id: number; readonly memoryOffset: number } };
  /** Makes an output that is not cleared. */
  makeOutput(shape: readonly number[], dtype: DataType): TensorInfo;
  incRef(dataId: object): void;
}

/** Compiled functions bound to a backend's memory, in which they find its tensors without a copy. */
export interface WasmMemory<Functions> {
  readonly functions: Functions;
  /** Where a tensor begins, in bytes. Stays true as memory grows (only views of the old buffer die), until it is disposed. */
  addressOf(tensor: TensorInfo): number;
  /** A tensor's numbers where they are: to be read at once, since the view dies when memory grows. */
  viewOf(tensor: TensorInfo): Float32Array;
  /**
   * Runs `use` with addresses of that many bytes each, aligned to 16, and frees them.
   *
   * @throws RangeError if the memory cannot grow that far
   */
  withScratch<T>(bytes: readonly number[], use: (...addresses: number[]) => T): T;
}

/**
 * Makes the function that gives a wasm backend's memory with a module's functions in it.
 *
 * It gives nothing where the memory cannot be reached or the module cannot be compiled; compiles with the first call, and once
 * for all backends; asks each backend once.
 *
 * @param base64 - the module, which imports nothing but `env.memory`
 */
export function wasmMemories<Functions>(base64: string): (backend: unknown) => WasmMemory<Functions> | undefined {
  const memories = new WeakMap<object, WasmMemory<Functions> | undefined>();
  let compiled: WebAssembly.Module | undefined;
  const bind = (backend: WasmBackend): WasmMemory<Functions> | undefined => {
    const { wasm, dataIdMap } = backend as Partial<WasmBackend>;
    const memory = wasm?.asm?.memory;
    // Threads run in shared memory, which a module compiled for unshared memory cannot import.
    if (!(memory instanceof WebAssembly.Memory) || !(memory.buffer instanceof ArrayBuffer)) return undefined;
    if (wasm === undefined || dataIdMap === undefined) return undefined;
    let functions: Functions;
    try {
      compiled ??= new WebAssembly.Module(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
      functions = new WebAssembly.Instance(compiled, { env: { memory } }).exports as Functions; // the border to wasm
    } catch {
      return undefined; // no SIMD, or the page may not compile (its policy), or not so much at once: callers do without
    }
    return {
      functions,
      addressOf: ({ dataId }) => dataIdMap.get(dataId).memoryOffset,
      viewOf: ({ dataId, shape }) =>
        new Float32Array(memory.buffer, dataIdMap.get(dataId).memoryOffset, util.sizeFromShape([...shape])),
      withScratch: (bytes, use) => withScratch(wasm, bytes, use),
    };
  };
  return (backend) => {
    const key = backend as WasmBackend; // the foreign border: bind looks at what is there
    if (!memories.has(key)) memories.set(key, bind(key));
    return memories.get(key);
  };
}

function withScratch<T>(wasm: WasmBackend['wasm'], bytes: readonly number[], use: (...addresses: number[]) => T): T {
  const sizes = bytes.map((count) => Math.ceil(count / 16) * 16);
  const total = sizes.reduce((sum, size) => sum + size, 16);
  const block = wasm._malloc(total) >>> 0; // a signed number from 2 GB on
  if (block === 0) throw new RangeError(`wasm memory: no room for ${total} bytes of scratch`);
  let next = Math.ceil(block / 16) * 16;
  const addresses = sizes.map((size) => (next += size) - size);
  try {
    return use(...addresses);
  } finally {
    wasm._free(block);
  }
}
