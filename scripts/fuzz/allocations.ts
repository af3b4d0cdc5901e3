/**
 * Counts what typed arrays take. Node tells of memory only what is left after collections, not what a reader dared to ask for.
 *
 * Replaces the constructors, so it must run before the code that is watched is loaded.
 */
export function watchAllocations(): AllocationCounter {
  let bytes = 0;
  const names = [
    'Int8Array',
    'Uint8Array',
    'Uint8ClampedArray',
    'Int16Array',
    'Uint16Array',
    'Int32Array',
    'Uint32Array',
    'Float32Array',
    'Float64Array',
    'ArrayBuffer',
  ] as const;
  for (const name of names) {
    const original = globalThis[name] as unknown as new (...given: unknown[]) => { readonly byteLength: number };
    const watched: typeof original = new Proxy(original, {
      construct(target, given, newTarget) {
        // As if it had not been asked: engines are five times as slow with what anything else has made.
        const made = Reflect.construct(target, given, newTarget === watched ? target : newTarget) as {
          readonly byteLength: number;
        };
        // A view of a buffer that is there takes nothing.
        if (!(given[0] instanceof ArrayBuffer)) bytes += made.byteLength;
        return made;
      },
    });
    Object.defineProperty(globalThis, name, { value: watched, writable: true, configurable: true });
  }
  return {
    reset: () => void (bytes = 0),
    get bytes() {
      return bytes;
    },
  };
}

/** Of typed arrays made since `reset`. */
export interface AllocationCounter {
  reset(): void;
  readonly bytes: number;
}
